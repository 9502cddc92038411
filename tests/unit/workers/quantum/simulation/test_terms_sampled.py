import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.simulation.cpu.terms_sampled import draw, in_basis

N = 4
TO_X = np.array([[1, 1], [1, -1]], dtype=np.complex128) * 0.5**0.5
TO_Y = TO_X @ np.diag([1, -1j])


def some_state(seed):
    rng = np.random.default_rng(seed)
    state = rng.normal(size=2**N) + 1j * rng.normal(size=2**N)
    return state / np.linalg.norm(state)


@given(st.text("XYZ", min_size=N, max_size=N), st.integers(0, 99))
def test_a_state_is_turned_to_the_basis_of_each_qubit(letters, seed):
    matrix = np.eye(1)
    for letter in letters:
        matrix = np.kron(matrix, {"X": TO_X, "Y": TO_Y, "Z": np.eye(2)}[letter])
    x = int("".join("1" if letter in "XY" else "0" for letter in letters), 2)
    y = int("".join("1" if letter == "Y" else "0" for letter in letters), 2)
    state = some_state(seed)
    assert np.allclose(in_basis(state, x, y), matrix @ state, atol=1e-14)


@given(st.integers(0, 99), st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20).map(sorted))
def test_draws_fall_where_the_distribution_says(seed, places):
    state, supports, coefficients = some_state(seed), np.array([0b1000, 0b0110]), np.array([2.0, -0.5])
    cumulative = np.cumsum(np.abs(state) ** 2)
    outcomes = np.searchsorted(cumulative / cumulative[-1], places, side="right")
    signs = 1.0 - 2.0 * (np.bitwise_count(outcomes[:, None] & supports) % 2)
    found = draw(state, 0, 0, np.array(places), supports, coefficients)
    assert found == pytest.approx(signs @ coefficients, abs=1e-15)


def test_outcomes_without_weight_are_never_drawn():
    state = np.zeros(2**N, dtype=np.complex128)
    state[0b0010] = state[0b1010] = 0.5**0.5
    found = draw(
        state, 0, 0, np.array([0.0, 0.4, 0.6, 1.0]), np.array([0b1000, 0b0010]), np.array([1.0, 10.0])
    )
    assert found.tolist() == [-9.0, -9.0, -11.0, -11.0]
