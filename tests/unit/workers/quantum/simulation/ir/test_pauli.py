import math
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.simulation.ir import operator
from workers.quantum.simulation.ir.pauli import PauliError, PauliSum, masks, string

DENSE = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def dense(terms: list[tuple[str, float]]) -> Any:
    return sum(c * reduce(np.kron, [DENSE[letter] for letter in letters]) for letters, c in terms)


TERMS = st.integers(1, 5).flatmap(
    lambda n: st.lists(
        st.tuples(st.text("IXYZ", min_size=n, max_size=n), st.floats(-2, 2)), min_size=1, max_size=12
    )
)


@given(terms=TERMS, seed=st.integers(0, 2**32 - 1))
def test_apply_expectation_and_variance_match_dense_matrices(
    terms: list[tuple[str, float]], seed: int
) -> None:
    matrix, pauli_sum = dense(terms), PauliSum.from_terms(terms)
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(2, len(matrix))) + 1j * rng.normal(size=(2, len(matrix)))
    np.testing.assert_allclose(pauli_sum.apply(states), states @ matrix.T, atol=1e-11)
    state = states[0] / np.linalg.norm(states[0])
    mean = np.vdot(state, matrix @ state).real
    assert pauli_sum.expectation(state) == pytest.approx(mean, abs=1e-11)
    square = np.vdot(state, matrix @ matrix @ state).real
    assert pauli_sum.variance(state) == pytest.approx(square - mean**2, abs=1e-10)


@given(terms=TERMS, seed=st.integers(0, 2**32 - 1), held=st.sampled_from((1, 3, operator.SIGNS)))
def test_few_amplitudes_are_acted_on_by_themselves(
    terms: list[tuple[str, float]], seed: int, held: int
) -> None:
    matrix, pauli_sum = dense(terms), PauliSum.from_terms(terms)
    rng = np.random.default_rng(seed)
    state = np.zeros(len(matrix), dtype=np.complex128)
    chosen = rng.choice(len(matrix), max(1, len(matrix) // operator.SPARSE), replace=False)
    state[chosen] = rng.normal(size=len(chosen)) + 1j * rng.normal(size=len(chosen))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operator, "SIGNS", held)
        np.testing.assert_allclose(operator.image(pauli_sum, state), matrix @ state, atol=1e-11)


@given(letters=st.text("IXYZ", min_size=1, max_size=62))
def test_masks_and_strings_are_inverse(letters: str) -> None:
    assert string(*masks(letters), len(letters)) == letters


def test_qubit_zero_is_leftmost_and_most_significant() -> None:
    assert masks("XIY") == (0b101, 0b001)
    np.testing.assert_array_equal(
        PauliSum.from_terms([("ZII", 1.0)]).diagonal(), [1, 1, 1, 1, -1, -1, -1, -1]
    )


def test_equal_strings_are_added_and_the_constant_is_the_identity() -> None:
    pauli_sum = PauliSum.from_terms([["ZZ", 1.0], ["II", 3], ["ZZ", 0.5]])
    assert pauli_sum.terms() == [("ZZ", 1.5), ("II", 3.0)]
    assert pauli_sum.constant == 3.0
    assert pauli_sum.is_diagonal


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([], "at least one term"),
        ([["XX", 1.0], ["X", 1.0]], "term 1: 'X' has 1 letters, not 2"),
        ([["XQ", 1.0]], "letter 'Q'"),
        ([["XX", math.nan]], "term 0: coefficient nan"),
        ([["XX", math.inf]], "finite"),
        ([["XX", "1"]], "finite real"),
        ([["XX", True]], "finite real"),
        ([["XX"]], "expected"),
        ([["", 1.0]], "empty"),
        (["XX"], "finite real"),
        ([["X" * 63, 1.0]], "63 qubits"),
    ],
)
def test_bad_terms_are_refused(terms: Any, message: str) -> None:
    with pytest.raises(PauliError, match=message):
        PauliSum.from_terms(terms)


def test_masks_above_the_low_bits_and_tables_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = [("XYIIIZ", 0.3), ("ZIYYIX", -1.1), ("ZZZIIZ", 0.7), ("YIIIII", 2.0), ("IIIIII", 0.1)]
    monkeypatch.setattr(operator, "LOW_BITS", 2)
    monkeypatch.setattr(operator, "TABLE_LIMIT", 0)
    state = np.random.default_rng(1).normal(size=64).astype(np.complex128)
    np.testing.assert_allclose(PauliSum.from_terms(terms).apply(state), dense(terms) @ state, atol=1e-13)
