"""A program as flat arrays, lowered once, for engines that execute it in one call.

Masks and bit positions count as in a basis index: qubit q of n is bit n-1-q. Every engine runs the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.program import (
    Angle,
    Complex,
    DiagonalPhase,
    Excitation,
    Float,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.lowering.blocks import Block, Turns, controlled_x, fused, is_diagonal

Int = NDArray[np.int64]

UNITARY, DIAGONAL, CONTROLLED_X, TURNS, PAULI, EXCITATION, PHASES, RX_LAYER = range(8)
AXIS_X, AXIS_Y, AXIS_Z, FIXED = range(4)
COLUMNS = 5
MAX_LEVELS = 4096
LEVEL_CHUNK = 1 << 16


@dataclass(frozen=True, eq=False)
class Diagonal:
    """A real diagonal operator: `values[index[i]]` at basis state i, or `values[i]` if index is None.

    Attributes:
        values: float64[levels] ascending, or float64[2^n].
        index: uint16[2^n] if there are at most `MAX_LEVELS` distinct values, else None.
    """

    values: Float
    index: NDArray[np.uint16] | None

    @classmethod
    def of(cls, values: Float) -> Diagonal:
        """Return the diagonal with these values on the basis states, float64[2^n]."""
        levels = np.empty(0)
        for start in range(0, len(values), LEVEL_CHUNK):
            levels = np.union1d(levels, values[start : start + LEVEL_CHUNK])
            if len(levels) > MAX_LEVELS or 2 * len(levels) > len(values):
                return cls(np.ascontiguousarray(values, dtype=np.float64), None)
        index = np.empty(len(values), dtype=np.uint16)
        for start in range(0, len(values), LEVEL_CHUNK):
            part = slice(start, start + LEVEL_CHUNK)
            index[part] = np.searchsorted(levels, values[part])
        return cls(levels, index)


@dataclass(frozen=True, eq=False)
class FlatProgram:
    """Ops as rows of integers that point into pools of numbers.

    The columns of `ops` are the kind, three operands and the number of the angle (-1 if there is none):

    | kind         | operand 1      | operand 2      | operand 3           | acts as |
    |--------------|----------------|----------------|---------------------|---------|
    | UNITARY      | k              | first of bits  | first of matrices   | matrix[2^k, 2^k], row-major |
    | DIAGONAL     | k              | first of bits  | first of matrices   | diag(matrix[2^k]) |
    | CONTROLLED_X | target mask    | control mask   | 0                   | flips if all controls are set |
    | TURNS        | bit            | first element  | end of elements     | elements in order on one bit |
    | PAULI        | X mask         | Z mask         | 0                   | exp(-i angle/2 P) |
    | EXCITATION   | source mask    | target mask    | sign mask           | see below |
    | PHASES       | diagonal       | 0              | 0                   | exp(-i angle D) |
    | RX_LAYER     | 0              | 0              | 0                   | exp(-i angle/2 X) on every bit |

    A k-bit matrix index has bits[first] as its most significant bit. A target mask has one bit. P holds X
    where only the X mask is set, Z where only the Z mask is, Y where both are, and acts on more than one bit.
    An excitation takes every i with i & (source | target) = source and j = i ^ (source | target), and with
    s = (-1)^(number of set bits in i & sign mask) turns
    a_i, a_j into cos(angle) a_i - s sin(angle) a_j, cos(angle) a_j + s sin(angle) a_i.

    Attributes:
        n_qubits: Number of qubits.
        n_parameters: Length of theta.
        product: complex128[n, 2]: the starting state, amplitude prod_q product[q, bit n-1-q of i].
        ops: int64[m, 5].
        bits: int64[...], pool of bit positions.
        matrices: complex128[...], pool of matrix entries.
        elements: int64[..., 2]: axis X, Y or Z and an angle: exp(-i angle/2 axis); or FIXED and the first
            of four matrix entries.
        diagonals: The diagonal operators.
        angle_offsets: float64[angles], the constant parts in radians. Angle 0 is the global phase: the
            final state is multiplied by exp(-i angle/2); energies and gradients do not feel it.
        angle_of: int64[terms], ascending: the angle that each term belongs to.
        term_index: int64[terms], parameter.
        term_scale: float64[terms], factor of the parameter.
    """

    n_qubits: int
    n_parameters: int
    product: Complex
    ops: Int
    bits: Int
    matrices: Complex
    elements: Int
    diagonals: tuple[Diagonal, ...]
    angle_offsets: Float
    angle_of: Int
    term_index: Int
    term_scale: Float

    def angles(self, theta: Float) -> Float:
        """Return all angles in radians at theta[n_parameters], float64[angles]."""
        shares = self.term_scale * theta[self.term_index]
        return self.angle_offsets + np.bincount(self.angle_of, shares, len(self.angle_offsets))

    def gradient(self, slopes: Float) -> Float:
        """Return derivatives by theta float64[n_parameters], given slopes float64[angles] by the angles."""
        shares = self.term_scale * slopes[self.angle_of]
        return np.bincount(self.term_index, shares, self.n_parameters)


def flatten(program: Program) -> FlatProgram:
    """Fuse and flatten a program."""
    product, blocks = fused(program)
    writer = _Writer(program.n_qubits)
    for block in blocks:
        writer.add(block)
    return writer.done(program, product)


@dataclass
class _Writer:
    n_qubits: int
    rows: list[tuple[int, ...]] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    matrices: list[Complex] = field(default_factory=list)
    n_entries: int = 0
    elements: list[tuple[int, int]] = field(default_factory=list)
    diagonals: dict[int, int] = field(default_factory=dict)
    made: list[Diagonal] = field(default_factory=list)
    angles: list[Angle] = field(default_factory=lambda: [Angle()])

    def add(self, block: Block) -> None:
        WRITERS[type(block)](self, block)

    def unitary(self, block: Unitary) -> None:
        matrix, k = block.matrix, len(block.qubits)
        positions = [self.n_qubits - 1 - qubit for qubit in block.qubits]
        target = controlled_x(matrix)
        if target is not None:
            masks = [1 << position for position in positions]
            controls = sum(masks) - masks[target]
            self.rows.append((CONTROLLED_X, masks[target], controls, 0, -1))
            return
        diagonal = is_diagonal(matrix)
        first = self._entries(np.diagonal(matrix) if diagonal else matrix)
        self.rows.append((DIAGONAL if diagonal else UNITARY, k, len(self.bits), first, -1))
        self.bits += positions

    def turns(self, block: Turns) -> None:
        first = len(self.elements)
        for part in block.parts:
            if isinstance(part, Unitary):
                self.elements.append((FIXED, self._entries(part.matrix)))
            else:
                axis = AXIS_Z if not part.x else AXIS_Y if part.z else AXIS_X
                self.elements.append((axis, self._angle(part.angle)))
        self.rows.append((TURNS, self.n_qubits - 1 - block.qubit, first, len(self.elements), -1))

    def pauli(self, block: PauliRotation) -> None:
        if block.x | block.z:
            self.rows.append((PAULI, block.x, block.z, 0, self._angle(block.angle)))
        else:
            self.angles[0] = self.angles[0] + block.angle

    def excitation(self, block: Excitation) -> None:
        sources, targets, signs = excitation_masks(block, self.n_qubits)
        self.rows.append((EXCITATION, sources, targets, signs, self._angle(block.angle)))

    def phases(self, block: DiagonalPhase) -> None:
        key = id(block.diagonal)
        if key not in self.diagonals:
            self.diagonals[key] = len(self.made)
            self.made.append(Diagonal.of(block.diagonal))
        self.rows.append((PHASES, self.diagonals[key], 0, 0, self._angle(block.angle)))

    def rx_layer(self, block: RXLayer) -> None:
        self.rows.append((RX_LAYER, 0, 0, 0, self._angle(block.angle)))

    def _angle(self, angle: Angle) -> int:
        self.angles.append(angle)
        return len(self.angles) - 1

    def _entries(self, matrix: Complex) -> int:
        first = self.n_entries
        self.matrices.append(np.asarray(matrix, dtype=np.complex128).ravel())
        self.n_entries += matrix.size
        return first

    def done(self, program: Program, product: Complex) -> FlatProgram:
        terms = [(k, *term) for k, angle in enumerate(self.angles) for term in angle.terms]
        return FlatProgram(
            n_qubits=program.n_qubits,
            n_parameters=program.n_parameters,
            product=product,
            ops=_table(self.rows, COLUMNS),
            bits=np.array(self.bits, dtype=np.int64),
            matrices=np.concatenate([np.empty(0, dtype=np.complex128), *self.matrices]),
            elements=_table(self.elements, 2),
            diagonals=tuple(self.made),
            angle_offsets=np.array([angle.offset for angle in self.angles], dtype=np.float64),
            angle_of=np.array([term[0] for term in terms], dtype=np.int64),
            term_index=np.array([term[1] for term in terms], dtype=np.int64),
            term_scale=np.array([term[2] for term in terms], dtype=np.float64),
        )


WRITERS: dict[type, Callable[[_Writer, Any], None]] = {
    Unitary: _Writer.unitary,
    Turns: _Writer.turns,
    PauliRotation: _Writer.pauli,
    Excitation: _Writer.excitation,
    DiagonalPhase: _Writer.phases,
    RXLayer: _Writer.rx_layer,
}


def excitation_masks(op: Excitation, n_qubits: int) -> tuple[int, int, int]:
    """Return source, target and sign mask as in `FlatProgram`; a fixed minus sign swaps sources and targets.

    Source: Jordan and Wigner (1928), as in Seeley, Richard, Love, J. Chem. Phys. 137, 224109 (2012), eq. 9.
    """
    sources = sum(1 << (n_qubits - 1 - mode) for mode in op.sources)
    targets = sum(1 << (n_qubits - 1 - mode) for mode in op.targets)
    state, signs, odd = sources, 0, 0
    # Each ladder operator counts the occupied modes before its own.
    for mode in (*op.sources, *reversed(op.targets)):
        bit = 1 << (n_qubits - 1 - mode)
        before = (1 << n_qubits) - 2 * bit
        signs ^= before
        odd ^= (state & before).bit_count() & 1
        state ^= bit
    signs &= ~(sources | targets)
    return (targets, sources, signs) if odd else (sources, targets, signs)


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> Int:
    return np.array(rows, dtype=np.int64).reshape(-1, columns)
