import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.backends import load
from workers.simulation.grouping import deal, groups
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Program, Unitary


def random_sum(rng: np.random.Generator, n: int, n_terms: int) -> PauliSum:
    return PauliSum.from_terms(
        ["".join(rng.choice(list("IXYZ"), size=n)), float(rng.normal())] for _ in range(n_terms)
    )


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_groups_cover_every_term_once_and_agree_qubit_by_qubit(seed: int, n: int) -> None:
    pauli_sum = random_sum(np.random.default_rng(seed), n, 15)
    found = groups(pauli_sum)
    collected = [term for group in found for term in group.terms.terms()]
    assert sorted(collected) == sorted(term for term in pauli_sum.terms() if set(term[0]) != {"I"})
    for group in found:
        for column in zip(*(letters for letters, _ in group.terms.terms()), strict=True):
            assert len(set(column) - {"I"}) <= 1


def test_a_transverse_field_chain_takes_two_settings() -> None:
    chain = PauliSum.from_terms([("ZZI", -1), ("IZZ", -1), ("XII", -1), ("IXI", -1), ("IIX", -1)])
    assert [group.terms.terms() for group in groups(chain)] == [
        [("ZZI", -1), ("IZZ", -1)],
        [("XII", -1), ("IXI", -1), ("IIX", -1)],
    ]


def test_group_values_in_the_turned_basis_have_the_exact_mean() -> None:
    rng = np.random.default_rng(2)
    pauli_sum = random_sum(rng, 3, 12)
    turn = np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))[0]
    prepare = Unitary((0, 1, 2), turn)
    state = load("statevector").compile(Program(3, 0, (prepare,))).state(np.empty(0))
    total = pauli_sum.constant
    for group in groups(pauli_sum):
        compiled = load("statevector").compile(Program(3, 0, (prepare, *group.basis_change())))
        total += float(compiled.probabilities(np.empty(0)) @ group.values(np.arange(8)))
    assert total == pytest.approx(pauli_sum.expectation(state), abs=1e-12)


def test_estimates_carry_the_variance_of_their_mean() -> None:
    (group,) = groups(PauliSum.from_terms([("ZI", 2.0), ("IZ", 1.0)]))
    mean, variance = group.estimate(np.array([0, 3, 0, 3]))
    assert mean == 0.0
    assert variance == pytest.approx(np.var([3, -3, 3, -3], ddof=1) / 4)
    assert group.weight == 3.0


@given(shots=st.integers(10, 5000), weights=st.lists(st.floats(1e-3, 10), min_size=1, max_size=10))
def test_shots_are_dealt_out_whole(shots: int, weights: list[float]) -> None:
    counts = deal(shots, np.array(weights))
    assert sum(counts) == shots
    assert min(counts) >= 1
