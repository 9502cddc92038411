"""Groups keep the order of what does not commute, and their changed bits fit in the buffer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.quantum.simulation.cpu.schedule import Item, grouped

N = 9
MASKS = st.integers(0, 2**N - 1)


@st.composite
def items(draw):
    pairs = draw(st.lists(st.tuples(MASKS, MASKS), max_size=25))
    return [Item(op, moved, read & ~moved) for op, (moved, read) in enumerate(pairs)]


@settings(max_examples=200, deadline=None)
@given(listed=items(), local_bits=st.integers(3, N))
def test_groups_do_what_the_items_do(listed, local_bits):
    groups = grouped(list(listed), N, local_bits)
    order = [item for group in groups for item in group.items]
    assert sorted(item.op for item in order) == list(range(len(listed)))
    for late, item in enumerate(order):
        for earlier in order[:late]:
            if earlier.op > item.op:
                assert not earlier.moved & (item.moved | item.read) and not earlier.read & item.moved
    for group in groups:
        assert len(group.bits) <= local_bits or (len(group.bits) == N and len(group.items) == 1)
        assert not any(group.outside(item.moved) for item in group.items)
        assert sorted([*group.bits, *group.outer]) == list(range(N))


def test_there_is_a_group_even_for_nothing():
    (group,) = grouped([], 5, 4)
    assert group.items == () and group.bits == (0, 1, 2, 3) and group.contiguous == 4


def test_runs_and_masks_of_a_group():
    group = next(g for g in grouped([Item(0, 0b1000000, 0b0100001)], 7, 4) if g.items)
    assert group.bits == (0, 1, 2, 6) and group.contiguous == 3
    assert group.runs().tolist() == [0, 64]
    assert group.local(0b1000001) == 0b1001 and group.outside(0b0100001) == 0b0100000
    assert group.place(6) == 3 and group.place(5) == -1
