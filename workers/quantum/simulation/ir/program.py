"""A parametrised circuit, lowered once and run many times.

A `Program` is data: ops in order of application, each with an angle affine in the parameters, so that any
engine can compile it. Qubit 0 is the most significant bit of a basis index, in states, masks and matrices
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Float: TypeAlias = NDArray[np.float64]
Complex: TypeAlias = NDArray[np.complex128]
UNITARY_TOLERANCE = 1e-8


class ProgramError(ValueError):
    """An op that does not fit its program; names the op and the error."""


@dataclass(frozen=True)
class Angle:
    """An affine function of the parameters, in radians: offset + sum of scale * theta[index].

    Attributes:
        terms: (parameter index, scale) pairs.
        offset: The constant part.
    """

    terms: tuple[tuple[int, float], ...] = ()
    offset: float = 0.0

    @classmethod
    def parameter(cls, index: int, scale: float = 1.0) -> Angle:
        """Return the angle scale * theta[index]."""
        return cls(((index, scale),))

    @property
    def fixed(self) -> bool:
        """Whether it depends on no parameter."""
        return not self.terms

    def value(self, theta: Float) -> float:
        """Return the angle in radians at theta[n_parameters]."""
        total = self.offset
        for index, scale in self.terms:
            total += scale * float(theta[index])
        return total

    def __add__(self, other: Angle) -> Angle:
        return Angle(self.terms + other.terms, self.offset + other.offset)

    def __mul__(self, factor: float) -> Angle:
        return Angle(tuple((index, scale * factor) for index, scale in self.terms), self.offset * factor)


@dataclass(frozen=True, eq=False)
class Unitary:
    """A fixed unitary on k qubits.

    Attributes:
        qubits: k distinct qubits; the first is the most significant bit of the matrix index.
        matrix: complex128[2^k, 2^k].
    """

    qubits: tuple[int, ...]
    matrix: Complex


@dataclass(frozen=True)
class PauliRotation:
    """exp(-i angle/2 P) for the Pauli string P with these masks.

    Attributes:
        x: Bits of the qubits with X or Y; qubit q of n is bit n-1-q, as in a basis index.
        z: Bits of the qubits with Z or Y. With x = z = 0 the rotation is a global phase.
        angle: Radians.
    """

    x: int
    z: int
    angle: Angle


@dataclass(frozen=True)
class Excitation:
    """exp(angle (T - T^dagger)), T = a^_t1 ... a^_tk a_sk ... a_s1, Jordan-Wigner, one mode per qubit.

    Rotates each |source occupied, target empty> towards |target occupied, source empty>.

    Attributes:
        sources: k distinct modes that lose their fermion, in the order s1 ... sk.
        targets: k distinct modes that gain one, in the order t1 ... tk.
        angle: Radians; a full transfer takes pi/2.

    Source: Romero et al., Quantum Sci. Technol. 4, 014008 (2018), eq. 12.
    """

    sources: tuple[int, ...]
    targets: tuple[int, ...]
    angle: Angle


@dataclass(frozen=True, eq=False)
class DiagonalPhase:
    """exp(-i angle D) for a real diagonal operator D.

    Attributes:
        diagonal: float64[2^n], D on the basis states.
        angle: Radians per unit of D.
    """

    diagonal: Float
    angle: Angle


@dataclass(frozen=True)
class RXLayer:
    """RX(angle) = exp(-i angle/2 X) on every qubit, the QAOA mixer.

    Attributes:
        angle: Radians.
    """

    angle: Angle


Op: TypeAlias = Unitary | PauliRotation | Excitation | DiagonalPhase | RXLayer
FREE = Angle()


def angle_of(op: Op) -> Angle:
    """Return the op's angle; the zero constant for a fixed unitary."""
    return FREE if isinstance(op, Unitary) else op.angle


@dataclass(frozen=True, eq=False)
class Program:
    """Ops applied in order to one basis state.

    Attributes:
        n_qubits: Number of qubits, at least 1.
        n_parameters: Length of theta.
        ops: The ops, first acting first.
        initial: Basis index of the starting state.

    Raises:
        ProgramError: An op names a qubit, mask, mode or parameter outside the program, or its
            matrix is not a unitary of the right size.
    """

    n_qubits: int
    n_parameters: int
    ops: Sequence[Op] = field(default_factory=tuple)
    initial: int = 0

    def __post_init__(self) -> None:
        if self.n_qubits < 1:
            raise ProgramError(f"a program needs at least 1 qubit, not {self.n_qubits}")
        if not 0 <= self.initial < 2**self.n_qubits:
            raise ProgramError(f"initial state {self.initial} is not a state of {self.n_qubits} qubits")
        for position, op in enumerate(self.ops):
            problem = _problem(op, self.n_qubits, self.n_parameters)
            if problem:
                raise ProgramError(f"op {position} ({type(op).__name__}): {problem}")


def _problem(op: Op, n_qubits: int, n_parameters: int) -> str | None:
    for index, _ in angle_of(op).terms:
        if not 0 <= index < n_parameters:
            return f"parameter {index} of {n_parameters}"
    if isinstance(op, Unitary):
        return _qubit_problem(op.qubits, n_qubits) or _matrix_problem(op)
    if isinstance(op, PauliRotation) and not 0 <= (op.x | op.z) < 2**n_qubits:
        return f"masks {op.x}, {op.z} exceed {n_qubits} qubits"
    if isinstance(op, Excitation):
        if len(op.sources) != len(op.targets) or not op.sources:
            return "as many sources as targets are needed, and at least one"
        return _qubit_problem(op.sources + op.targets, n_qubits)
    if isinstance(op, DiagonalPhase) and op.diagonal.shape != (2**n_qubits,):
        return f"diagonal of shape {op.diagonal.shape}, not ({2**n_qubits},)"
    return None


def _qubit_problem(qubits: tuple[int, ...], n_qubits: int) -> str | None:
    if len(set(qubits)) != len(qubits):
        return f"qubits {qubits} repeat"
    outside = [q for q in qubits if not 0 <= q < n_qubits]
    return f"qubit {outside[0]} of {n_qubits}" if outside else None


def _matrix_problem(op: Unitary) -> str | None:
    size = 2 ** len(op.qubits)
    if op.matrix.shape != (size, size):
        return f"matrix of shape {op.matrix.shape}, not ({size}, {size})"
    defect = np.abs(op.matrix @ op.matrix.conj().T - np.eye(size)).max()
    if not defect < UNITARY_TOLERANCE:
        return f"matrix is not unitary (defect {defect:.1e})"
    return None
