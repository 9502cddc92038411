"""Matrices of short gate sequences, for fractional powers and unusual controls."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit.library import GlobalPhaseGate, get_standard_gate_name_mapping
from scipy.linalg import schur

from shared.circuits.gates import MAX_UNITARY_QUBITS
from shared.circuits.instruction import Affine, Angle, Gate, Unitary
from shared.circuits.limits import Refused

Matrix = NDArray[np.complex128]
_STANDARD: Final = get_standard_gate_name_mapping()  # Qiskit rebuilds it on every call


def matrix_of(op: Gate | Unitary) -> Matrix:
    """Return the matrix of one instruction, first qubit most significant; shape (2^k, 2^k), read-only.

    Raises:
        Refused: The gate has a free parameter.
    """
    if isinstance(op, Unitary):
        return np.array(op.matrix, dtype=np.complex128)
    if any(isinstance(angle, Affine) for angle in op.params):
        raise Refused(f"gate {op.name} with an input parameter cannot be turned into a matrix here")
    return _named(op.name, op.params)


@lru_cache(maxsize=4096)
def _named(name: str, params: tuple[Angle, ...]) -> Matrix:
    """Return the matrix of a gate of Qiskit's standard library; cached, since gates and angles recur."""
    if name == "gphase":
        return np.asarray(GlobalPhaseGate(params[0]).to_matrix(), dtype=np.complex128)
    gate = _STANDARD[name].base_class(*params)
    k = gate.num_qubits
    # Qiskit's first qubit is the least significant: reverse both the row and the column axes.
    axes = [*reversed(range(k)), *reversed(range(k, 2 * k))]
    tensor = np.asarray(gate.to_matrix(), dtype=np.complex128).reshape([2] * (2 * k))
    matrix = tensor.transpose(axes).reshape(1 << k, 1 << k)
    matrix.setflags(write=False)
    return matrix


def product(ops: Sequence[Gate | Unitary], qubits: Sequence[int]) -> Matrix:
    """Return the matrix of a sequence on `qubits`, the first of them most significant.

    Raises:
        Refused: The sequence spans more than four qubits, or has a free parameter.
    """
    n = len(qubits)
    if n > MAX_UNITARY_QUBITS:
        raise Refused(f"a matrix on {n} qubits is needed", rule=f"at most {MAX_UNITARY_QUBITS} qubits")
    axis = {qubit: index for index, qubit in enumerate(qubits)}
    total = np.eye(1 << n, dtype=np.complex128)
    for op in ops:
        places = tuple(axis[qubit] for qubit in op.qubits)
        matrix = matrix_of(op)
        if isinstance(op, Gate):
            matrix = _gate_among(op.name, op.params, places, n)  # matrix_of has rejected free parameters
        else:
            matrix = _among(matrix, places, n)
        total = matrix @ total
    return total


@lru_cache(maxsize=4096)
def _gate_among(name: str, params: tuple[Angle, ...], qubits: tuple[int, ...], n: int) -> Matrix:
    return _among(_named(name, params), qubits, n)


def _among(matrix: Matrix, qubits: Sequence[int], n: int) -> Matrix:
    """Embed a matrix on some of n qubits into all n, qubit 0 most significant."""
    k = len(qubits)
    others = [qubit for qubit in range(n) if qubit not in qubits]
    whole = np.kron(matrix, np.eye(1 << n - k)).reshape([2] * (2 * n))
    order = np.argsort([*qubits, *others])
    return np.asarray(whole.transpose([*order, *(order + n)]).reshape(1 << n, 1 << n), dtype=np.complex128)


def principal_power(matrix: Matrix, exponent: float) -> Matrix:
    """Return the power whose eigenvalue phases are `exponent` times those in (-pi, pi]."""
    triangular, basis = schur(matrix, output="complex")
    phases = np.angle(np.diag(triangular))
    phases[phases < -np.pi + 1e-9] = np.pi
    return np.asarray((basis * np.exp(1j * exponent * phases)) @ basis.conj().T, dtype=np.complex128)


def controlled(matrix: Matrix, n_controls: int) -> Matrix:
    """Return the matrix with controls prepended, acting if all of them are 1."""
    size = len(matrix) << n_controls
    result = np.eye(size, dtype=np.complex128)
    result[size - len(matrix) :, size - len(matrix) :] = matrix
    return result


def as_unitary(matrix: Matrix, qubits: Sequence[int]) -> Unitary:
    """Return an instruction for the matrix, without negative zeros, whose signs would depend on the cache."""
    return Unitary(tuple(qubits), tuple(tuple(complex(entry) for entry in row) for row in matrix + 0.0))
