"""Matrices of short gate sequences, for fractional powers and unusual controls."""

import cmath
from collections.abc import Sequence
from functools import lru_cache

from shared.circuits.gate_matrices import Matrix, Row, adjoint, gate_matrix, identity
from shared.circuits.gates import MAX_UNITARY_QUBITS
from shared.circuits.instruction import Affine, Angle, Gate, Unitary
from shared.circuits.limits import Refused
from shared.circuits.spectrum import diagonalized


def matrix_of(op: Gate | Unitary) -> Matrix:
    """Return the matrix of one instruction, first qubit most significant.

    Raises:
        Refused: The gate has a free parameter.
    """
    return op.matrix if isinstance(op, Unitary) else _named(op.name, op.params)


@lru_cache(maxsize=4096)
def _named(name: str, params: tuple[Angle, ...]) -> Matrix:
    """Return the matrix of a gate; cached, since gates and angles recur."""
    angles = tuple(angle for angle in params if not isinstance(angle, Affine))
    if len(angles) < len(params):
        raise Refused(f"gate {name} with an input parameter cannot be turned into a matrix here")
    return gate_matrix(name, angles)


def product(ops: Sequence[Gate | Unitary], qubits: Sequence[int]) -> Matrix:
    """Return the matrix of a sequence on `qubits`, the first of them most significant.

    Raises:
        Refused: The sequence spans more than four qubits, or has a free parameter.
    """
    n = len(qubits)
    if n > MAX_UNITARY_QUBITS:
        raise Refused(f"a matrix on {n} qubits is needed", rule=f"at most {MAX_UNITARY_QUBITS} qubits")
    bit = {qubit: 1 << n - 1 - place for place, qubit in enumerate(qubits)}
    rows = list(identity(1 << n))
    for op in ops:
        bits = [bit[qubit] for qubit in reversed(op.qubits)]
        offsets = [
            sum(bits[k] for k in range(len(bits)) if value >> k & 1) for value in range(1 << len(bits))
        ]
        matrix = matrix_of(op)
        for first in range(1 << n):
            if not first & offsets[-1]:
                before = [rows[first + offset] for offset in offsets]
                for offset, weights in zip(offsets, matrix, strict=True):
                    rows[first + offset] = _combined(weights, before)
    return tuple(rows)


def _combined(weights: Row, rows: Sequence[Row]) -> Row:
    """Return a linear combination of rows; those of most gates have one or two terms."""
    terms = [(weight, row) for weight, row in zip(weights, rows, strict=True) if weight]
    if len(terms) == 1:
        weight, row = terms[0]
        return row if weight == 1 else tuple(weight * entry for entry in row)
    return tuple(sum(weight * row[column] for weight, row in terms) for column in range(len(rows[0])))


@lru_cache(maxsize=256)
def principal_power(matrix: Matrix, exponent: float) -> Matrix:
    """Return the power of a unitary whose eigenvalue phases are `exponent` times those in (-pi, pi]."""
    values, basis = diagonalized(matrix)
    phases = [cmath.phase(value) for value in values]
    powers = [
        cmath.exp(1j * exponent * (cmath.pi if phase < -cmath.pi + 1e-9 else phase)) for phase in phases
    ]
    back = adjoint(basis)
    return tuple(
        _combined(tuple(entry * power for entry, power in zip(row, powers, strict=True)), back)
        for row in basis
    )


def phase_between(found: Matrix, wanted: Matrix, tolerance: float) -> float | None:
    """Return the phase of one matrix relative to another, or None if they differ otherwise.

    Args:
        found: A matrix.
        wanted: One of the same size.
        tolerance: Maximum absolute difference between entries of equal matrices.
    """
    pairs = [pair for rows in zip(found, wanted, strict=True) for pair in zip(*rows, strict=True)]
    phase = cmath.phase(sum(one * other.conjugate() for one, other in pairs))
    turn = cmath.exp(1j * phase)
    return phase if all(abs(one - turn * other) <= tolerance for one, other in pairs) else None


def as_unitary(matrix: Matrix, qubits: Sequence[int]) -> Unitary:
    """Return an instruction for the matrix, without negative zeros: they would change keys of results."""
    return Unitary(tuple(qubits), tuple(tuple(complex(entry) + 0j for entry in row) for row in matrix))
