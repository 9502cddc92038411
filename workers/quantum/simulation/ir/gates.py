"""Matrices of the named gates of a circuit record.

The first listed qubit is the most significant bit of the matrix index.

Source: OpenQASM 3 stdgates.inc and Qiskit's standard gate library (matrices with qubit order reversed).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workers.quantum.simulation.ir.program import Complex

R = math.sqrt(0.5)


class GateError(ValueError):
    """An unknown gate, or one with the wrong number of qubits or angles."""


def _array(rows: Sequence[Sequence[complex]]) -> Complex:
    return np.array(rows, dtype=np.complex128)


def _phase(angle: float) -> complex:
    return cmath.exp(1j * angle)


def _controlled(matrix: Complex) -> Complex:
    size = len(matrix)
    result = np.eye(2 * size, dtype=np.complex128)
    result[size:, size:] = matrix
    return result


def _exp_pauli(pauli: Complex, theta: float) -> Complex:
    identity = np.eye(len(pauli), dtype=np.complex128)
    return math.cos(theta / 2) * identity - 1j * math.sin(theta / 2) * pauli


X = _array([[0, 1], [1, 0]])
Y = _array([[0, -1j], [1j, 0]])
Z = _array([[1, 0], [0, -1]])
H = R * _array([[1, 1], [1, -1]])
S = _array([[1, 0], [0, 1j]])
SX = 0.5 * _array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]])
SWAP = _array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
CX = _controlled(X)
PAULIS = {"X": X, "Y": Y, "Z": Z}
IDENTITY = np.eye(2, dtype=np.complex128)


def pauli(string: str) -> Complex:
    """Return the matrix of a Pauli string, complex128[2^k, 2^k]."""
    matrix = np.eye(1, dtype=np.complex128)
    for letter in string:
        matrix = np.asarray(np.kron(matrix, PAULIS.get(letter, IDENTITY)), dtype=np.complex128)
    return matrix


def _rotation(name: str) -> Callable[..., Complex]:
    pauli = PAULIS[name[0]]
    if len(name) == 2:
        pauli = np.asarray(np.kron(pauli, PAULIS[name[1]]), dtype=np.complex128)
    return lambda theta: _exp_pauli(pauli, theta)


def _p(angle: float) -> Complex:
    return _array([[1, 0], [0, _phase(angle)]])


def _u(theta: float, phi: float, lam: float) -> Complex:
    cos, sin = math.cos(theta / 2), math.sin(theta / 2)
    return _array([[cos, -_phase(lam) * sin], [_phase(phi) * sin, _phase(phi + lam) * cos]])


def _cu(theta: float, phi: float, lam: float, gamma: float) -> Complex:
    return _controlled(_phase(gamma) * _u(theta, phi, lam))


def _xx_plus_yy(theta: float, beta: float) -> Complex:
    cos, sin = math.cos(theta / 2), math.sin(theta / 2)
    result = np.eye(4, dtype=np.complex128)
    result[1:3, 1:3] = [[cos, -1j * _phase(beta) * sin], [-1j * _phase(-beta) * sin, cos]]
    return result


def _xx_minus_yy(theta: float, beta: float) -> Complex:
    cos, sin = math.cos(theta / 2), math.sin(theta / 2)
    result = np.eye(4, dtype=np.complex128)
    result[0, 0] = result[3, 3] = cos
    result[0, 3] = -1j * _phase(-beta) * sin
    result[3, 0] = -1j * _phase(beta) * sin
    return result


@dataclass(frozen=True)
class Gate:
    """One row of the gate table.

    Attributes:
        n_qubits: Qubits it acts on.
        n_angles: Angles it takes, in radians.
        build: Angles -> complex128[2^n_qubits, 2^n_qubits].
    """

    n_qubits: int
    n_angles: int
    build: Callable[..., Complex]


def _fixed(matrix: Complex) -> Gate:
    matrix.setflags(write=False)
    return Gate(int(math.log2(len(matrix))), 0, lambda: matrix)


def _controlled_rotation(name: str) -> Gate:
    rotation = _rotation(name)
    return Gate(2, 1, lambda theta: _controlled(rotation(theta)))


GATES: dict[str, Gate] = {
    "id": _fixed(np.eye(2, dtype=np.complex128)),
    "x": _fixed(X),
    "y": _fixed(Y),
    "z": _fixed(Z),
    "h": _fixed(H),
    "s": _fixed(S),
    "sdg": _fixed(S.conj()),
    "t": _fixed(_p(math.pi / 4)),
    "tdg": _fixed(_p(-math.pi / 4)),
    "sx": _fixed(SX),
    "sxdg": _fixed(SX.conj().T.copy()),
    "rx": Gate(1, 1, _rotation("X")),
    "ry": Gate(1, 1, _rotation("Y")),
    "rz": Gate(1, 1, _rotation("Z")),
    "p": Gate(1, 1, _p),
    "u": Gate(1, 3, _u),
    "cx": _fixed(CX),
    "cy": _fixed(_controlled(Y)),
    "cz": _fixed(_controlled(Z)),
    "ch": _fixed(_controlled(H)),
    "cs": _fixed(_controlled(S)),
    "csdg": _fixed(_controlled(S.conj())),
    "csx": _fixed(_controlled(SX)),
    "cp": Gate(2, 1, lambda angle: _controlled(_p(angle))),
    "crx": _controlled_rotation("X"),
    "cry": _controlled_rotation("Y"),
    "crz": _controlled_rotation("Z"),
    "cu": Gate(2, 4, _cu),
    "swap": _fixed(SWAP),
    "iswap": _fixed(_array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]])),
    "ecr": _fixed(_array([[0, 0, R, 1j * R], [0, 0, 1j * R, R], [R, -1j * R, 0, 0], [-1j * R, R, 0, 0]])),
    "dcx": _fixed(_array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0]])),
    "rxx": Gate(2, 1, _rotation("XX")),
    "ryy": Gate(2, 1, _rotation("YY")),
    "rzz": Gate(2, 1, _rotation("ZZ")),
    "rzx": Gate(2, 1, _rotation("ZX")),
    "ccx": _fixed(_controlled(CX)),
    "ccz": _fixed(_controlled(_controlled(Z))),
    "cswap": _fixed(_controlled(SWAP)),
    "gphase": Gate(0, 1, lambda angle: _array([[_phase(angle)]])),
    "xx_plus_yy": Gate(2, 2, _xx_plus_yy),
    "xx_minus_yy": Gate(2, 2, _xx_minus_yy),
}


def matrix(name: str, angles: Sequence[float] = ()) -> Complex:
    """Return the matrix of a gate.

    Args:
        name: A key of `GATES`.
        angles: Radians, in the gate's order.

    Returns:
        complex128[2^k, 2^k]; for `gphase`, the 1 x 1 phase.

    Raises:
        GateError: Unknown name or wrong number of angles.
    """
    gate = GATES.get(name)
    if gate is None:
        raise GateError(f"unknown gate {name!r}; known: {', '.join(GATES)}")
    if len(angles) != gate.n_angles:
        raise GateError(f"gate {name!r} takes {gate.n_angles} angles, got {len(angles)}")
    return gate.build(*angles)
