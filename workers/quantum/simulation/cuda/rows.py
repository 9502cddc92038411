"""The rows of a flat program in the kernels' form, before they are assigned to tiles.

A step couples the bits between which amplitudes move; it reads further bits of the basis index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.lowering import flat
from workers.quantum.simulation.lowering.flat import FlatProgram, Int

UNITARY, DIAGONAL, CONTROLLED_X, TURNS, PAULI, EXCITATION, PHASES, MIXER = range(8)
MIXER_BITS = 3
Mixers: TypeAlias = Callable[[int], Iterator[tuple[int, ...]]]
MAX_GATE = 6
PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


class WideGateError(ValueError):
    """A gate on more bits than a row can hold."""


@dataclass(frozen=True)
class Step:
    """One row not yet assigned to a tile.

    Attributes:
        kind: One of the constants above, as in kernels/view.cu.
        couples: Bits between which amplitudes move.
        reads: Further bits of the basis index that it reads.
        angle: Number of the angle, -1 without one.
        first: First entry in its pool.
        end: Last entry plus 1, or the first entry of the inverse.
        pool: A bit count, the number of Ys, or the first level.
        source: Source mask of an excitation.
        places: Bit positions, lowest first.
    """

    kind: int
    couples: int
    reads: int = 0
    angle: int = -1
    first: int = 0
    end: int = 0
    pool: int = 0
    source: int = 0
    places: tuple[int, ...] = ()

    def commutes(self, couples: int, touches: int) -> bool:
        """Return whether it commutes with steps that together couple and touch these bits."""
        return not (self.couples & touches or self.reads & couples)


@dataclass
class Pools:
    """The tables that rows point into.

    Attributes:
        matrices: Entries of fixed gates, each followed by its inverse.
        elements: (kind, angle or first entry, first entry of the inverse, first number of the rotation).
        rotations: 3 x 3 rotations of (X, Y, Z) by fixed one-qubit gates.
        values: Values of the diagonals.
        levels: Level of each basis state, for diagonals with levels.
        phasor_value: For each looked-up phase, its index in `values`.
        phasor_angle: Likewise its angle.
    """

    matrices: list[Complex] = field(default_factory=list)
    elements: list[tuple[int, int, int, int]] = field(default_factory=list)
    rotations: list[Float] = field(default_factory=list)
    values: Float = field(default_factory=lambda: np.empty(0))
    levels: tuple[np.ndarray[tuple[int], np.dtype[np.uint16]], ...] = ()
    phasor_value: list[Int] = field(default_factory=list)
    phasor_angle: list[Int] = field(default_factory=list)
    _n_entries: int = 0
    _n_phasors: int = 0

    def entries(self, matrix: Complex, inverse: Complex) -> tuple[int, int]:
        """Return the first entries of a matrix (or diagonal) and of its inverse."""
        first = self._n_entries
        self.matrices += [matrix.ravel(), inverse.ravel()]
        self._n_entries += 2 * matrix.size
        return first, first + matrix.size

    def phasors(self, first_value: int, n_values: int, angle: int) -> int:
        """Return the first of the phases exp(-i angle value) of a diagonal's levels."""
        first = self._n_phasors
        self.phasor_value.append(np.arange(first_value, first_value + n_values, dtype=np.int64))
        self.phasor_angle.append(np.full(n_values, angle, dtype=np.int64))
        self._n_phasors += n_values
        return first


def steps(program: FlatProgram, mixers: Mixers) -> tuple[list[Step], Pools]:
    """Return the program's ops as steps, and their tables.

    Args:
        program: The flat program.
        mixers: The bits of an n-bit index, in the groups that the mixer processes.

    Raises:
        WideGateError: A fixed gate on more than `MAX_GATE` qubits.
    """
    writer = _Writer(program, mixers)
    for op in program.ops.tolist():
        writer.add(op)
    return writer.steps, writer.pools


class _Writer:
    def __init__(self, program: FlatProgram, mixers: Mixers) -> None:
        self._program = program
        self._mixers = list(mixers(program.n_qubits))
        self.steps: list[Step] = []
        self.pools = Pools()
        self._first_value: list[int] = []
        self._first_level: list[int] = []
        self._lay_diagonals()

    def _lay_diagonals(self) -> None:
        diagonals = self._program.diagonals
        n_values = n_levels = 0
        for diagonal in diagonals:
            self._first_value.append(n_values)
            self._first_level.append(-1 if diagonal.index is None else n_levels)
            n_values += len(diagonal.values)
            n_levels += 0 if diagonal.index is None else len(diagonal.index)
        if diagonals:
            self.pools.values = np.concatenate([diagonal.values for diagonal in diagonals])
        self.pools.levels = tuple(diagonal.index for diagonal in diagonals if diagonal.index is not None)

    def add(self, op: list[int]) -> None:
        WRITERS[op[0]](self, op)

    def _gate(self, op: list[int]) -> tuple[tuple[int, ...], int]:
        """Return bit positions, most significant first, and their mask."""
        _, k, first_bit, _, _ = op
        if k > MAX_GATE:
            raise WideGateError(f"a gate on {k} qubits; at most {MAX_GATE} are supported, split it")
        positions = tuple(self._program.bits[first_bit : first_bit + k].tolist())
        return positions, sum(1 << position for position in positions)

    def unitary(self, op: list[int]) -> None:
        _, k, _, first, _ = op
        positions, mask = self._gate(op)
        places = tuple(sorted(positions))
        axes = [positions.index(place) for place in reversed(places)]
        matrix = self._program.matrices[first : first + 4**k].reshape([2] * (2 * k))
        matrix = matrix.transpose([*axes, *(k + axis for axis in axes)]).reshape(2**k, 2**k)
        begin, end = self.pools.entries(matrix, matrix.conj().T)
        self.steps.append(Step(UNITARY, mask, first=begin, end=end, pool=k, places=places))

    def diagonal(self, op: list[int]) -> None:
        _, k, _, first, _ = op
        positions, mask = self._gate(op)
        entries = self._program.matrices[first : first + 2**k]
        begin, end = self.pools.entries(entries, entries.conj())
        self.steps.append(
            Step(DIAGONAL, 0, mask, first=begin, end=end, pool=k, places=tuple(reversed(positions)))
        )

    def controlled_x(self, op: list[int]) -> None:
        self.steps.append(Step(CONTROLLED_X, op[1], op[2]))

    def turns(self, op: list[int]) -> None:
        _, bit, first, end, _ = op
        begin = len(self.pools.elements)
        for axis, operand in self._program.elements[first:end].tolist():
            fixed = axis == flat.FIXED
            self.pools.elements.append(self._fixed(operand) if fixed else (axis, operand, 0, 0))
        self.steps.append(Step(TURNS, 1 << bit, first=begin, end=begin + end - first))

    def _fixed(self, first: int) -> tuple[int, int, int, int]:
        matrix = self._program.matrices[first : first + 4].reshape(2, 2)
        begin, end = self.pools.entries(matrix, matrix.conj().T)
        images = matrix @ PAULIS @ matrix.conj().T
        number = 9 * len(self.pools.rotations)
        self.pools.rotations.append(np.einsum("aij,bji->ab", images, PAULIS).real / 2)
        return flat.FIXED, begin, end, number

    def pauli(self, op: list[int]) -> None:
        _, x, z, _, angle = op
        self.steps.append(Step(PAULI, x, z, angle, pool=(x & z).bit_count()))

    def excitation(self, op: list[int]) -> None:
        _, sources, targets, signs, angle = op
        self.steps.append(Step(EXCITATION, sources | targets, signs, angle, source=sources))

    def phases(self, op: list[int]) -> None:
        _, number, _, _, angle = op
        first, level = self._first_value[number], self._first_level[number]
        everything = (1 << self._program.n_qubits) - 1
        phasor = 0
        if level >= 0:
            phasor = self.pools.phasors(first, len(self._program.diagonals[number].values), angle)
        self.steps.append(Step(PHASES, 0, everything, angle, first, phasor, level))

    def rx_layer(self, op: list[int]) -> None:
        for places in self._mixers:
            mask = sum(1 << place for place in places)
            self.steps.append(Step(MIXER, mask, 0, op[4], pool=len(places), places=places))


WRITERS: dict[int, Callable[[_Writer, list[int]], None]] = {
    flat.UNITARY: _Writer.unitary,
    flat.DIAGONAL: _Writer.diagonal,
    flat.CONTROLLED_X: _Writer.controlled_x,
    flat.TURNS: _Writer.turns,
    flat.PAULI: _Writer.pauli,
    flat.EXCITATION: _Writer.excitation,
    flat.PHASES: _Writer.phases,
    flat.RX_LAYER: _Writer.rx_layer,
}
