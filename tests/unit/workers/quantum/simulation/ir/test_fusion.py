"""Blocks of operations: order is preserved, and each block is as wide as its rule permits."""

from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.simulation.ir.fusion import Fusion

MOST = 2
PLACES = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True), max_size=30)


def joined(blocks):
    """Join numbered operations, written as (number, qubits), on at most `MOST` qubits."""
    whole = [part for block in blocks for part in block]
    return whole if len(blocks) == 1 or len(qubits(whole)) <= MOST else None


def qubits(block):
    return {qubit for _, places in block for qubit in places}


@given(PLACES, st.lists(st.integers(0, 4), unique=True))
def test_operations_on_a_common_qubit_keep_their_order(places, last):
    fusion = Fusion(joined, qubits)
    done = [block for number, one in enumerate(places) for block in fusion.add([(number, tuple(one))])]
    done += fusion.close(last)
    assert not any(qubits(block) & {*last} for block in fusion.close(last))
    done += fusion.close()
    assert fusion.close() == []
    assert all(len(block) == 1 or len(qubits(block)) <= MOST for block in done)
    flat = [part for block in done for part in block]
    assert sorted(number for number, _ in flat) == [*range(len(places))]
    for qubit in range(5):
        numbers = [number for number, one in flat if qubit in one]
        assert numbers == sorted(numbers)


def test_the_block_of_the_highest_rank_is_closed_first():
    fusion = Fusion(joined, qubits, rank=lambda block: -min(qubits(block)))
    for number, one in enumerate([(0,), (1,), (2,)]):
        assert fusion.add([(number, one)]) == []
    assert fusion.add([(3, (0, 1))]) == []
    assert fusion.add([(4, (1, 2))]) == [[(1, (1,)), (0, (0,)), (3, (0, 1))]]
    assert fusion.close((2, 1)) == [[(2, (2,)), (4, (1, 2))]]
