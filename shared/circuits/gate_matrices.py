"""Matrices of the gates that a circuit record may contain.

The first listed qubit is the most significant bit of the index. They are written out here, without NumPy or
Qiskit, so that the scheduler, which reads circuits, needs neither.

Source: OpenQASM 3 `stdgates.inc`, and Qiskit's standard gate library with the order of the qubits reversed.
"""

import cmath
import math
from collections.abc import Callable
from typing import Final

Row = tuple[complex, ...]
Matrix = tuple[Row, ...]
"""The rows of a square matrix; 2^k of them for k qubits."""

_R: Final = math.sqrt(0.5)


def identity(size: int) -> Matrix:
    """Return the identity matrix."""
    return tuple(tuple(complex(column == row) for column in range(size)) for row in range(size))


def controlled(matrix: Matrix, n_controls: int = 1) -> Matrix:
    """Return the matrix with controls prepended, acting if all of them are 1."""
    idle = (len(matrix) << n_controls) - len(matrix)
    return identity(len(matrix) << n_controls)[:idle] + tuple((0j,) * idle + row for row in matrix)


def adjoint(matrix: Matrix) -> Matrix:
    """Return the conjugate transpose."""
    return tuple(tuple(entry.conjugate() for entry in column) for column in zip(*matrix, strict=True))


def _turn(angle: float) -> complex:
    return cmath.exp(1j * angle)


def _diagonal(*entries: complex) -> Matrix:
    return tuple(
        tuple(entry if column == row else 0j for column in range(len(entries)))
        for row, entry in enumerate(entries)
    )


def _p(angle: float) -> Matrix:
    return _diagonal(1, _turn(angle))


def _u(theta: float, phi: float, lam: float) -> Matrix:
    cos, sin = math.cos(theta / 2), math.sin(theta / 2)
    return ((cos, -_turn(lam) * sin), (_turn(phi) * sin, _turn(phi + lam) * cos))


def _cu(theta: float, phi: float, lam: float, gamma: float) -> Matrix:
    phase = _turn(gamma)
    return controlled(tuple(tuple(phase * entry for entry in row) for row in _u(theta, phi, lam)))


_X: Final[Matrix] = ((0, 1), (1, 0))
_Y: Final[Matrix] = ((0, -1j), (1j, 0))
_Z: Final[Matrix] = _diagonal(1, -1)
_H: Final[Matrix] = ((_R, _R), (_R, -_R))
_S: Final[Matrix] = _diagonal(1, 1j)
_SX: Final[Matrix] = ((0.5 + 0.5j, 0.5 - 0.5j), (0.5 - 0.5j, 0.5 + 0.5j))
_SWAP: Final[Matrix] = ((1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 0, 0, 1))
_PAULIS: Final = {"X": _X, "Y": _Y, "Z": _Z}


def _rotation(pauli: str) -> Callable[[float], Matrix]:
    """Return exp(-i angle/2 P) as a function of the angle, for a Pauli string P of one or two letters."""
    matrix = _PAULIS[pauli[0]]
    for letter in pauli[1:]:
        matrix = tuple(
            tuple(left * right for left in above for right in below)
            for above in matrix
            for below in _PAULIS[letter]
        )

    def rotation(angle: float) -> Matrix:
        cos, sin = math.cos(angle / 2), math.sin(angle / 2)
        return tuple(
            tuple((cos if column == row else 0) - 1j * sin * entry for column, entry in enumerate(entries))
            for row, entries in enumerate(matrix)
        )

    return rotation


def _xx_plus_yy(theta: float, beta: float) -> Matrix:
    cos, sin = math.cos(theta / 2), -1j * math.sin(theta / 2)
    return (
        (1, 0, 0, 0), (0, cos, _turn(beta) * sin, 0), (0, _turn(-beta) * sin, cos, 0), (0, 0, 0, 1),
    )  # fmt: skip


def _xx_minus_yy(theta: float, beta: float) -> Matrix:
    cos, sin = math.cos(theta / 2), -1j * math.sin(theta / 2)
    return (
        (cos, 0, 0, _turn(-beta) * sin), (0, 1, 0, 0), (0, 0, 1, 0), (_turn(beta) * sin, 0, 0, cos),
    )  # fmt: skip


_FIXED: Final[dict[str, Matrix]] = {
    "id": identity(2), "x": _X, "y": _Y, "z": _Z, "h": _H, "s": _S, "sdg": adjoint(_S),
    "t": _p(math.pi / 4), "tdg": _p(-math.pi / 4), "sx": _SX, "sxdg": adjoint(_SX),
    "cx": controlled(_X), "cy": controlled(_Y), "cz": controlled(_Z), "ch": controlled(_H),
    "cs": controlled(_S), "csdg": controlled(adjoint(_S)), "csx": controlled(_SX), "swap": _SWAP,
    "iswap": ((1, 0, 0, 0), (0, 0, 1j, 0), (0, 1j, 0, 0), (0, 0, 0, 1)),
    "ecr": ((0, 0, _R, 1j * _R), (0, 0, 1j * _R, _R), (_R, -1j * _R, 0, 0), (-1j * _R, _R, 0, 0)),
    "dcx": ((1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (0, 1, 0, 0)),
    "ccx": controlled(_X, 2), "ccz": controlled(_Z, 2), "cswap": controlled(_SWAP),
}  # fmt: skip
_OF_ANGLES: Final[dict[str, Callable[..., Matrix]]] = {
    "rx": _rotation("X"), "ry": _rotation("Y"), "rz": _rotation("Z"), "p": _p, "u": _u, "cu": _cu,
    "cp": lambda angle: controlled(_p(angle)),
    "crx": lambda angle: controlled(_OF_ANGLES["rx"](angle)),
    "cry": lambda angle: controlled(_OF_ANGLES["ry"](angle)),
    "crz": lambda angle: controlled(_OF_ANGLES["rz"](angle)),
    "rxx": _rotation("XX"), "ryy": _rotation("YY"), "rzz": _rotation("ZZ"), "rzx": _rotation("ZX"),
    "xx_plus_yy": _xx_plus_yy, "xx_minus_yy": _xx_minus_yy,
    "gphase": lambda angle: ((_turn(angle),),),
}  # fmt: skip


def gate_matrix(name: str, angles: tuple[float, ...]) -> Matrix:
    """Return the matrix of a gate of `gates.GATES`, given its angles in radians."""
    return _OF_ANGLES[name](*angles) if angles else _FIXED[name]
