import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.circuit.library import zz_feature_map
from qiskit.quantum_info import Statevector

from workers.quantum.learning.feature_maps import FEATURE_MAPS, feature_map
from workers.runtime.outcome import UserError

I2, X, Z = np.eye(2), np.array([[0, 1], [1, 0]]), np.diag([1.0, -1.0])


def rows(n_rows, n, seed=0):
    return np.random.default_rng(seed).uniform(0, np.pi, size=(n_rows, n))


def on(n, matrices):
    """Kronecker product with matrices[q] on qubit q, qubit 0 first."""
    total = np.ones((1, 1))
    for q in range(n):
        total = np.kron(total, matrices.get(q, I2))
    return total


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_zz_map_is_qiskits(n, layers):
    x = rows(3, n)
    for state, row in zip(feature_map("zz", n, layers).states(x), x, strict=True):
        circuit = zz_feature_map(n, reps=layers, entanglement="full").assign_parameters(row)
        theirs = Statevector(circuit.reverse_bits()).data
        assert abs(np.vdot(theirs, state)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_zz_map_is_the_formula_of_the_paper(layers):
    n, x = 3, rows(1, 3, seed=4)[0]
    generator = sum(x[q] * on(n, {q: Z}) for q in range(n))
    for q in range(n):
        for r in range(q + 1, n):
            generator = generator + (np.pi - x[q]) * (np.pi - x[r]) * on(n, {q: Z, r: Z})
    phase = np.diag(np.exp(-1j * np.diag(generator)))
    hadamard = on(n, {q: (X + Z) / math.sqrt(2) for q in range(n)})
    state = np.eye(2**n)[0]
    for _ in range(layers):
        state = phase @ hadamard @ state
    np.testing.assert_allclose(feature_map("zz", n, layers).states(x[None])[0], state, atol=1e-12)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_angle_map_is_its_circuit(layers):
    n, x = 3, rows(1, 3, seed=5)[0]
    y = np.array([[0, -1j], [1j, 0]])
    turns = on(n, {q: math.cos(x[q] / 2) * I2 - 1j * math.sin(x[q] / 2) * y for q in range(n)})
    cz = np.diag([(-1.0) ** ((i >> 2 & i >> 1 & 1) + (i >> 1 & i & 1)) for i in range(8)])
    state = turns[:, 0]
    for _ in range(layers - 1):
        state = turns @ cz @ state
    np.testing.assert_allclose(feature_map("angle", n, layers).states(x[None])[0], state, atol=1e-12)


@given(
    name=st.sampled_from(sorted(FEATURE_MAPS)),
    n=st.integers(1, 6),
    layers=st.integers(1, 3),
    seed=st.integers(0, 999),
)
@settings(max_examples=40, deadline=None)
def test_states_are_normalised_and_each_row_is_its_own(name, n, layers, seed):
    built, x = feature_map(name, n, layers), rows(5, n, seed)
    states = built.states(x)
    assert states.shape == (5, 2**built.n_qubits) and states.dtype == np.complex128
    np.testing.assert_allclose(np.linalg.norm(states, axis=1), 1.0, atol=1e-12)
    assert np.array_equal(states[3], built.states(x[3:4])[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("zzz", 2, 1), "one of angle, zz"), (("zz", 21, 1), "limit is 20"), (("zz", 2, 0), "model.layers = 0")],
)
def test_unusable_maps_are_refused(arguments, message):
    with pytest.raises(UserError, match=message):
        feature_map(*arguments)
