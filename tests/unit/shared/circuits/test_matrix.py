"""Matrices without NumPy, compared with those of Qiskit, NumPy and SciPy; X with many controls."""

import math
from typing import Any

import numpy as np
import pytest
from qiskit.circuit.library import GlobalPhaseGate, get_standard_gate_name_mapping
from scipy.linalg import expm, logm

from shared.circuits.gate_matrices import Matrix, gate_matrix
from shared.circuits.gates import GATES
from shared.circuits.instruction import Gate, Unitary
from shared.circuits.matrix import matrix_of, phase_between, principal_power, product
from shared.circuits.qasm3.flips import flip

STANDARD = get_standard_gate_name_mapping()
ANGLES = (0.3, -2.1, 1.7, 4.9)


def rows(matrix: Any) -> Matrix:
    return tuple(map(tuple, np.asarray(matrix, dtype=complex).tolist()))


def random_unitary(size: int, seed: int) -> Any:
    real, imaginary = np.random.default_rng(seed).normal(size=(2, size, size))
    return np.linalg.qr(real + 1j * imaginary)[0]


@pytest.mark.parametrize("name", GATES)
def test_a_gate_has_the_matrix_of_qiskits_with_its_qubits_reversed(name: str) -> None:
    k, n_angles = GATES[name]
    angles = ANGLES[:n_angles]
    gate = GlobalPhaseGate(*angles) if name == "gphase" else STANDARD[name].base_class(*angles)
    axes = [*reversed(range(k)), *reversed(range(k, 2 * k))]
    expected = np.asarray(gate.to_matrix()).reshape([2] * (2 * k)).transpose(axes).reshape(1 << k, 1 << k)
    assert np.allclose(gate_matrix(name, angles), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_a_sequence_has_the_product_of_its_matrices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ops, state = [], np.eye(16, dtype=complex).reshape([2] * 4 + [16])
    for number in range(12):
        k = int(rng.integers(1, 4))
        qubits = tuple(int(qubit) for qubit in rng.permutation(4)[:k])
        matrix = random_unitary(1 << k, 100 * seed + number)
        ops.append(Unitary(qubits, rows(matrix)))
        state = np.tensordot(matrix.reshape([2] * (2 * k)), state, (range(k, 2 * k), qubits))
        state = np.moveaxis(state, range(k), qubits)
    assert np.allclose(product(ops, range(4)), state.reshape(16, 16), atol=1e-13)


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("seed", range(4))
def test_a_root_is_that_of_the_logarithm(size: int, seed: int) -> None:
    matrix = random_unitary(size, seed)
    expected = expm(0.3 * logm(matrix))
    assert np.allclose(principal_power(rows(matrix), 0.3), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "phases",
    [
        [0, 1e-9, 2e-9, math.pi / 3, math.pi / 3 + 1e-12, math.pi / 3, 0, 0],
        [math.pi, math.pi, 0, 0, math.pi / 2, -math.pi / 2, math.pi, 0],
        [2 * 1.9 - 0.4, 0.4, 2 * 1.9 - 0.4, 0.4, 1.0, 2 * 1.9 - 1.0, 0.0, 2 * 1.9],
    ],
    ids=["close", "equal", "mirrored"],
)
def test_roots_of_close_and_equal_eigenvalues_are_exact(phases: list[float]) -> None:
    basis = random_unitary(8, 7)
    wrapped = [math.remainder(phase, math.tau) for phase in phases]
    matrix = basis @ np.diag(np.exp(1j * np.array(phases))) @ basis.conj().T
    expected = basis @ np.diag(np.exp(0.25j * np.array(wrapped))) @ basis.conj().T
    found = np.array(principal_power(rows(matrix), 0.25))
    assert np.allclose(np.linalg.matrix_power(found, 4), matrix, rtol=0, atol=1e-13)
    if math.pi not in wrapped:  # there, rounding decides nothing, but this expression
        assert np.allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("size", [2, 4, 8, 16])
def test_a_cycle_has_a_root(size: int) -> None:
    """Rotations of a cyclic shift alone come to rest before it is diagonal."""
    shift = np.roll(np.eye(size), 1, axis=0)
    found = np.array(principal_power(rows(shift), 0.5))
    assert np.allclose(found @ found, shift, rtol=0, atol=1e-13)
    assert np.abs(np.angle(np.linalg.eigvals(found))).max() <= math.pi / 2 + 1e-9


def test_the_phase_between_matrices_is_found_where_they_differ_by_no_more() -> None:
    one = random_unitary(4, 1)
    assert phase_between(rows(np.exp(0.7j) * one), rows(one), 1e-12) == pytest.approx(0.7)
    other = one.copy()
    other[0, 0] += 1e-6
    assert phase_between(rows(other), rows(one), 1e-12) is None


@pytest.mark.parametrize("n", range(1, 10))
def test_x_with_controls_flips_if_all_are_set(n: int) -> None:
    rng = np.random.default_rng(n)
    start = rng.normal(size=[2] * (n + 1)) + 1j * rng.normal(size=[2] * (n + 1))
    state = start
    for gate in flip(n):
        k = len(gate.qubits)
        matrix = np.array(matrix_of(gate), dtype=complex).reshape([2] * (2 * k))
        state = np.moveaxis(
            np.tensordot(matrix, state, (range(k, 2 * k), gate.qubits)), range(k), gate.qubits
        )
    expected = start.copy()
    expected[(1,) * n] = start[(1,) * n][::-1]
    assert np.allclose(state, expected, rtol=0, atol=1e-13)


def test_x_with_controls_takes_no_more_cx_than_is_said() -> None:
    assert [sum(gate == Gate("cx", gate.qubits) for gate in flip(n)) for n in (3, 4, 5, 6, 8, 10)] == [
        14, 38, 78, 134, 318, 574,
    ]  # fmt: skip
    assert all(sum(gate.name == "cx" for gate in flip(n)) <= 8 * n**2 for n in range(3, 40))
    assert {gate.name for gate in flip(9)} == {"h", "p", "cx"}
