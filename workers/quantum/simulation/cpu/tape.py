"""The input of the compiled run: a flat program divided into groups of rows that act on few bits at a time.

A group's bits are local: the state streams once through a buffer of 2^B amplitudes that stays in the
processor's cache, and all rows of the group act there. Bits on which a row is diagonal need not be local.

Source: Doi and Horii, IEEE QCE 2020, arXiv:2102.02957, with the cache in place of a node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.cpu import aligned, split, tables
from workers.quantum.simulation.cpu.order import in_order
from workers.quantum.simulation.cpu.schedule import Group, grouped
from workers.quantum.simulation.cpu.split import Op, Split
from workers.quantum.simulation.cpu.tables import LANE_BITS, LANES
from workers.quantum.simulation.ir.program import Complex, Float
from workers.quantum.simulation.lowering import flat
from workers.quantum.simulation.lowering.flat import AXIS_Z, FlatProgram

Int = NDArray[np.int64]
Real = NDArray[Any]

ROTATION, Z_LAYER, DENSE, DENSE_PAIR, LANE_PAIR, DIAGONAL, CONTROLLED_X, STRING, EXCITE, PHASES = range(10)
CODE, FIRST, SECOND, THIRD, OUTSIDE, SLOT, BACK, ANGLE = range(8)
LANE_MASK = LANES - 1
LOCAL_BITS = 14


class Tape(NamedTuple):
    """A program for the compiled run.

    Attributes:
        product: complex128[bits, 2], starting amplitudes, row k is bit k.
        rows: int64[m, 8]: code, three operands, mask outside the buffer, offset in a table, offset in the
            table for the backward pass, angle; see `_Recorder`.
        groups: int64[g, 4]: first row, end of rows, bits of the buffer, low bits that are contiguous.
        outer: int64[g, bits]: positions outside the buffer, lowest first.
        runs: int64[g, ...]: start of each contiguous run of a buffer.
        positions: int64[...], pool of bit positions in the buffer or outside.
        tables: real[...], pool of vectors for dense and diagonal gates.
        diagonals: int64[d, 3]: first value, number of values, row of level_index or -1.
        values: float64[...], pool of the diagonals' values.
        level_index: uint16[..., 2^n].
        phases: int64[p, 3]: angle, diagonal, first cosine.
    """

    product: Complex
    rows: Int
    groups: Int
    outer: Int
    runs: Int
    positions: Int
    tables: Real
    diagonals: Int
    values: Float
    level_index: NDArray[np.uint16]
    phases: Int


def record(parts: Split, dtype: type, local_bits: int) -> Tape:
    """Return the tape of a program, with gate tables in dtype (float64 or float32).

    Registers of fewer than 3 qubits get padding bits above their own.
    """
    program = parts.program
    recorder = _Recorder(program, parts.ops)
    n_bits = max(program.n_qubits, LANE_BITS)
    groups = grouped(parts.items, n_bits, min(local_bits, n_bits))
    spans, outer, runs = [], [], []
    for group in groups:
        first = len(recorder.rows)
        recorder.group(group)
        spans.append((first, len(recorder.rows), len(group.bits), group.contiguous))
        outer.append(group.outer + [0] * (n_bits - len(group.outer)))
        runs.append(group.runs())
    longest = max((len(run) for run in runs), default=1)
    product = np.zeros((n_bits, 2), dtype=np.complex128)
    product[:, 0] = 1.0
    product[: program.n_qubits] = program.product[::-1]
    diagonals, values, level_index = tables.diagonals(program)
    return Tape(
        product=product,
        rows=np.array(recorder.rows, dtype=np.int64).reshape(-1, 8),
        groups=np.array(spans, dtype=np.int64).reshape(-1, 4),
        outer=np.array(outer, dtype=np.int64).reshape(-1, n_bits),
        runs=np.array([np.pad(run, (0, longest - len(run))) for run in runs], np.int64).reshape(-1, longest),
        positions=np.array(recorder.positions, dtype=np.int64),
        tables=aligned.copy(np.concatenate([np.zeros(LANES), *recorder.tables]), dtype),
        diagonals=diagonals,
        values=values,
        level_index=level_index,
        phases=np.array(recorder.phases(diagonals), dtype=np.int64).reshape(-1, 3),
    )


@dataclass
class _Recorder:
    """Writes rows; operands by code (bits and masks are the buffer's own, `outside` is a mask of the rest).

    ROTATION bit, axis; angle. Z_LAYER first position, inside, outside; the angles follow the positions. DENSE
    first position, between, within; tables for forward and backward pass. DENSE_PAIR and LANE_PAIR low, high;
    tables. DIAGONAL first position, inside, outside; tables. CONTROLLED_X bit, lanes, controls. STRING x, z,
    number of Y mod 4; angle. EXCITE sources, targets, signs; angle. PHASES diagonal; row of phases, angle.
    """

    program: FlatProgram
    ops: list[Op]
    rows: list[tuple[int, ...]] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    tables: list[Float] = field(default_factory=list)
    size: int = LANES
    phase_rows: list[tuple[int, int]] = field(default_factory=list)

    def group(self, group: Group) -> None:
        """Write a group's rows."""
        for step in in_order(group.items, self.ops):
            ops = [self.ops[item.op] for item in step]
            kind, bit, axis, _, angle = ops[0]
            if kind != split.ROTATION:
                self._write(group, *ops[0])
            elif axis == AXIS_Z:
                self._z_layer(group, ops)
            else:
                self._row(ROTATION, group.place(bit), axis, angle=angle)

    def phases(self, diagonals: Int) -> list[tuple[int, int, int]]:
        """Return the rows of `Tape.phases`."""
        result, first = [], 0
        for angle, diagonal in self.phase_rows:
            result.append((angle, diagonal, first))
            first += int(diagonals[diagonal, 1]) if diagonals[diagonal, 2] >= 0 else 0
        return result

    def _z_layer(self, group: Group, ops: list[Op]) -> None:
        ordered = sorted(ops, key=lambda op: group.place(op[1]) < 0)
        inside = [group.place(bit) for _, bit, *_ in ordered if group.place(bit) >= 0]
        outside = [bit for _, bit, *_ in ordered if group.place(bit) < 0]
        first = self._places([*inside, *outside, *(op[-1] for op in ordered)])
        self._row(Z_LAYER, first, len(inside), len(outside))

    def _write(self, group: Group, kind: int, a: int, b: int, c: int, angle: int) -> None:
        if kind == flat.CONTROLLED_X:
            controls = group.local(b)
            bit = group.local(a).bit_length() - 1
            inside = (controls & LANE_MASK, controls & ~LANE_MASK)
            self._row(CONTROLLED_X, bit, *inside, outside=group.outside(b))
        elif kind == flat.PAULI:
            quarter = (a & b).bit_count() % 4
            self._row(STRING, group.local(a), group.local(b), quarter, outside=group.outside(b), angle=angle)
        elif kind == flat.EXCITATION:
            masks = (group.local(mask) for mask in (a, b, c))
            self._row(EXCITE, *masks, outside=group.outside(c), angle=angle)
        elif kind == flat.PHASES:
            self._row(PHASES, a, slot=len(self.phase_rows), angle=angle)
            self.phase_rows.append((angle, a))
        elif kind == flat.UNITARY:
            self._dense(group, a, b, c)
        else:
            self._diagonal(group, a, b, c)

    def _row(
        self, code: int, *operands: int, outside: int = 0, slot: int = 0, back: int = 0, angle: int = 0
    ) -> None:
        a, b, c = (*operands, 0, 0, 0)[:3]
        self.rows.append((code, a, b, c, outside, slot, back, angle))

    def _dense(self, group: Group, k: int, first: int, entry: int) -> None:
        places = [group.place(bit) for bit in self.program.bits[first : first + k].tolist()]
        order = sorted(range(k), key=lambda q: (places[q] < LANE_BITS, places[q]))
        matrix = tables.permuted(self.program.matrices[entry : entry + 4**k].reshape(2**k, 2**k), order)
        chosen = [places[q] for q in order]
        within = sum(place < LANE_BITS for place in chosen)
        slot = self._table(tables.dense_table(matrix, chosen[k - within :]))
        back = self._table(tables.dense_table(matrix.conj().T, chosen[k - within :]))
        if k == 2 and within != 1:
            self._row(LANE_PAIR if within else DENSE_PAIR, *chosen, slot=slot, back=back)
        else:
            self._row(DENSE, self._places(chosen), k - within, within, slot=slot, back=back)

    def _diagonal(self, group: Group, k: int, first: int, entry: int) -> None:
        bits = self.program.bits[first : first + k].tolist()
        inside = [q for q in range(k) if group.place(bits[q]) >= LANE_BITS]
        outside = [q for q in range(k) if group.place(bits[q]) < 0]
        lanes = [q for q in range(k) if 0 <= group.place(bits[q]) < LANE_BITS]
        order = [*lanes, *inside, *outside]
        values = tables.permuted_vector(self.program.matrices[entry : entry + 2**k], order)
        table = values.reshape(-1, 1 << len(lanes))
        lane_places = [group.place(bits[q]) for q in lanes]
        columns = sum(((np.arange(LANES) >> place) & 1) << k for k, place in enumerate(lane_places))
        vectors = np.broadcast_to(table[:, columns] if lanes else table, (len(table), LANES))
        slot, back = (self._table(tables.diagonal_table(part)) for part in (vectors, vectors.conj()))
        chosen = [group.place(bits[q]) for q in inside] + [bits[q] for q in outside]
        self._row(DIAGONAL, self._places(chosen), len(inside), len(outside), slot=slot, back=back)

    def _places(self, positions: list[int]) -> int:
        self.positions += positions
        return len(self.positions) - len(positions)

    def _table(self, values: Float) -> int:
        self.tables.append(values)
        self.size += len(values)
        return self.size - len(values)
