"""Decomposes blocks of rotations into single-axis rotations, before they are assigned to groups.

Rotations about X or Y use real arithmetic and all rotations about Z share one pass, so that three rotations
cost less than a 2 x 2 matrix. A fixed gate on one bit is e^(i phase) RZ RY RZ.

Source: Nielsen and Chuang, Quantum Computation and Quantum Information (2010), theorem 4.1.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from workers.quantum.simulation.cpu.schedule import Item
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.lowering import flat
from workers.quantum.simulation.lowering.flat import AXIS_X, AXIS_Y, AXIS_Z, FIXED, FlatProgram

ROTATION = flat.RX_LAYER + 1
Op: TypeAlias = tuple[int, int, int, int, int]


@dataclass
class Split:
    """The decomposed ops of a flat program.

    Attributes:
        program: The original program.
        ops: As in `FlatProgram`, without layers of RX; and ROTATION, bit, axis, 0, angle.
        items: The bits each op changes and those it only reads.
        constants: Angles in radians, of fixed gates, that follow those of the program.
        phase: The final state is to be multiplied by e^(i phase), radians.
    """

    program: FlatProgram
    ops: list[Op] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    constants: list[float] = field(default_factory=list)
    phase: float = 0.0

    def __post_init__(self) -> None:
        for kind, a, b, c, angle in self.program.ops.tolist():
            if kind == flat.TURNS:
                self._turns(a, b, c)
            elif kind == flat.RX_LAYER:
                for bit in range(self.program.n_qubits):
                    self._rotation(bit, AXIS_X, angle)
            elif kind in (flat.UNITARY, flat.DIAGONAL) and a == 1:
                self._one_bit(kind, int(self.program.bits[b]), c)
            else:
                self._add((kind, a, b, c, angle), *self._masks(kind, a, b, c))

    def angles(self, theta: Float) -> Float:
        """Return all angles in radians at theta[n_parameters]."""
        return np.concatenate([self.program.angles(theta), self.constants])

    def _masks(self, kind: int, a: int, b: int, c: int) -> tuple[int, int]:
        """Return the bits that an op changes, and those that it only reads."""
        if kind == flat.CONTROLLED_X:
            return a, b
        if kind == flat.PAULI:
            return a, b & ~a
        if kind == flat.EXCITATION:
            return a | b, c
        if kind == flat.PHASES:
            return 0, (1 << self.program.n_qubits) - 1
        mask = sum(1 << bit for bit in self.program.bits[b : b + a].tolist())
        return (mask, 0) if kind == flat.UNITARY else (0, mask)

    def _turns(self, bit: int, first: int, end: int) -> None:
        for axis, place in self.program.elements[first:end].tolist():
            if axis == FIXED:
                self._one_bit(flat.UNITARY, bit, place)
            else:
                self._rotation(bit, axis, place)

    def _one_bit(self, kind: int, bit: int, entry: int) -> None:
        """Append a fixed gate with its entries, or its diagonal, from `entry`."""
        entries = self.program.matrices[entry : entry + (4 if kind == flat.UNITARY else 2)]
        a, b, c, d = entries if kind == flat.UNITARY else (entries[0], 0.0, 0.0, entries[1])
        phase, *angles = euler_angles(a, b, c, d)
        self.phase += phase
        for axis, angle in zip((AXIS_Z, AXIS_Y, AXIS_Z), reversed(angles), strict=True):
            if angle:
                self._rotation(bit, axis, len(self.program.angle_offsets) + len(self.constants))
                self.constants.append(angle)

    def _rotation(self, bit: int, axis: int, angle: int) -> None:
        masks = (0, 1 << bit) if axis == AXIS_Z else (1 << bit, 0)
        self._add((ROTATION, bit, axis, 0, angle), *masks)

    def _add(self, op: Op, moved: int, read: int) -> None:
        self.items.append(Item(len(self.ops), moved, read))
        self.ops.append(op)


def euler_angles(a: complex, b: complex, c: complex, d: complex) -> tuple[float, float, float, float]:
    """Return phase, x, y, z with [[a, b], [c, d]] = e^(i phase) RZ(x) RY(y) RZ(z)."""
    # The same is e^(i first) [[cos, -e^iz sin], [e^ix sin, e^i(x + z) cos]], cos and sin of y/2.
    first = cmath.phase(a or -b)
    x = cmath.phase(c) - first if c else 0.0
    z = cmath.phase(d) - first - x if abs(a) > abs(c) else cmath.phase(-b) - first
    x, z = math.remainder(x, math.tau), math.remainder(z, math.tau)
    return first + (x + z) / 2, x, 2 * math.atan2(abs(c), abs(a)), z
