"""Unitaries of the standard gates, from their definitions; the first qubit is the most significant.

Source: OpenQASM 3.0 specification, "Gates" and stdgates.inc; Cross et al., arXiv:1707.03429, qelib1.inc.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]


def u3(theta: float, phi: float, lam: float) -> Matrix:
    """Return the general one-qubit rotation, with a real upper left entry."""
    c, s = math.cos(theta / 2), math.sin(theta / 2)
    return np.array(
        [[c, -cmath.exp(1j * lam) * s], [cmath.exp(1j * phi) * s, cmath.exp(1j * (phi + lam)) * c]]
    )


def controlled(matrix: Matrix, n_controls: int = 1, value: int = 1) -> Matrix:
    """Return the matrix applied if all controls, in front, are 1 (or all 0)."""
    size = len(matrix) << n_controls
    result = np.eye(size, dtype=complex)
    at = size - len(matrix) if value else 0
    result[at : at + len(matrix), at : at + len(matrix)] = matrix
    return result


def _turn(pauli: Matrix, theta: float) -> Matrix:
    return np.asarray(math.cos(theta / 2) * np.eye(len(pauli)) - 1j * math.sin(theta / 2) * pauli)


X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]], dtype=complex)
Z = np.array([[1, 0], [0, -1]], dtype=complex)
PAULIS = {"I": np.eye(2, dtype=complex), "X": X, "Y": Y, "Z": Z}
H: Matrix = np.asarray((X + Z) / math.sqrt(2))
SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]


def _phase(angle: float) -> Matrix:
    return np.diag([1, cmath.exp(1j * angle)])


SX = np.array([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]])

FIXED: dict[str, Matrix] = {
    "id": np.eye(2, dtype=complex), "x": X, "y": Y, "z": Z, "h": H, "sx": SX,
    "s": _phase(math.pi / 2), "sdg": _phase(-math.pi / 2),
    "t": _phase(math.pi / 4), "tdg": _phase(-math.pi / 4),
    "CX": controlled(X), "cx": controlled(X), "cy": controlled(Y), "cz": controlled(Z), "ch": controlled(H),
    "swap": SWAP, "ccx": controlled(X, 2), "cswap": controlled(SWAP),
}  # fmt: skip


TURNS: dict[str, Callable[..., Matrix]] = {
    "rx": lambda a: _turn(X, a), "ry": lambda a: _turn(Y, a), "rz": lambda a: _turn(Z, a),
    "p": _phase, "u1": _phase, "u2": lambda phi, lam: u3(math.pi / 2, phi, lam), "u3": u3, "u": u3,
    # OpenQASM 3's U, whose upper left entry is (1 + e^{i theta})/2.
    "U": lambda a, phi, lam: cmath.exp(0.5j * a) * u3(a, phi, lam),
    "cp": lambda a: controlled(_phase(a)), "cu1": lambda a: controlled(_phase(a)),
    "crx": lambda a: controlled(_turn(X, a)), "cry": lambda a: controlled(_turn(Y, a)),
    "crz": lambda a: controlled(_turn(Z, a)), "rzz": lambda a: _turn(np.kron(Z, Z), a),
    "cu": lambda a, phi, lam, gamma: controlled(cmath.exp(1j * gamma) * u3(a, phi, lam)),
    "gphase": lambda a: np.array([[cmath.exp(1j * a)]]),
}  # fmt: skip


def matrix(name: str, angles: list[float]) -> Matrix:
    """Return the unitary of a standard gate; raises KeyError for an unknown name."""
    return TURNS[name](*angles) if angles else FIXED[name]


ARITY = {name: int(math.log2(len(value))) for name, value in FIXED.items()} | {
    "rx": 1, "ry": 1, "rz": 1, "p": 1, "u1": 1, "u2": 1, "u3": 1, "u": 1, "U": 1,
    "cp": 2, "cu1": 2, "crx": 2, "cry": 2, "crz": 2, "cu": 2, "rzz": 2, "gphase": 0,
}  # fmt: skip
ANGLES = {
    "rx": 1, "ry": 1, "rz": 1, "p": 1, "u1": 1, "u2": 2, "u3": 3, "u": 3, "U": 3,
    "cp": 1, "cu1": 1, "crx": 1, "cry": 1, "crz": 1, "cu": 4, "rzz": 1, "gphase": 1,
}  # fmt: skip
"""Number of angles; unlisted gates take none."""
