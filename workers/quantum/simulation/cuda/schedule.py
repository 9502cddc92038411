"""A program as launches, each with as many steps as fit one tile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from workers.quantum.simulation.cuda.rows import TURNS, Pools, Step, steps
from workers.quantum.simulation.cuda.tiling import Tiling
from workers.quantum.simulation.lowering.flat import FIXED, FlatProgram, Int

COLUMNS = 14
PLACES = 8


@dataclass(frozen=True)
class Launch:
    """Rows [first, end), executed in one launch.

    Attributes:
        first: First row.
        end: Last row plus 1.
        layout: Offset of its tile's bits in the pool of layouts.
        wide: Whether its only row runs on the whole state, since no tile can hold it.
        first_record: Its first derivative.
        n_records: Its derivatives.
    """

    first: int
    end: int
    layout: int
    wide: bool
    first_record: int
    n_records: int


@dataclass(frozen=True, eq=False)
class Schedule:
    """Host data of the kernels.

    Attributes:
        tiling: The tiles.
        launches: In order of execution.
        rows: int64[rows, 14], as `Row` in kernels/view.cu.
        elements: int64[elements, 4]: those of `Pools`, with the record of its angle at the end.
        layouts: int64, pool of bit positions.
        pools: All other numbers.
        record_angle: int64[records], the angle of each derivative.
    """

    tiling: Tiling
    launches: tuple[Launch, ...]
    rows: Int
    elements: Int
    layouts: Int
    pools: Pools
    record_angle: Int

    @classmethod
    def of(cls, program: FlatProgram, tiling: Tiling) -> Schedule:
        """Order the steps of a program into launches.

        Raises:
            WideGateError: A fixed gate on more qubits than a row can hold.
        """
        order, pools = steps(program, tiling.mixers)
        writer = _Writer(tiling, pools, frozenset(program.angle_of.tolist()))
        for tile, chosen in _groups(order, tiling):
            writer.launch(tile, chosen)
        return writer.done()

    def partial_count(self) -> int:
        """Return the maximum number of partial sums of one launch, for one state."""
        blocks = max(self.tiling.blocks, self.tiling.wide_blocks)
        return blocks * max((launch.n_records for launch in self.launches), default=0)


def _groups(order: Sequence[Step], tiling: Tiling) -> Iterator[tuple[tuple[int, ...] | None, list[Step]]]:
    """Yield steps that share a tile, with its layout; a step without one runs on the whole state."""
    waiting = list(order)
    while waiting:
        chosen, coupled, waiting = _group(waiting, tiling)
        yield tiling.layout(coupled), chosen


def _group(waiting: Sequence[Step], tiling: Tiling) -> tuple[list[Step], int, list[Step]]:
    """Return the steps for the next tile, the bits they couple, and the remaining steps.

    A step may overtake remaining ones if it commutes with each.
    """
    head = waiting[0]
    chosen, coupled = [head], head.couples
    full = not tiling.holds(coupled)
    left: list[Step] = []
    left_couples = left_touches = 0
    everything = (1 << tiling.n_qubits) - 1
    for position, step in enumerate(waiting[1:], 1):
        if full or left_couples == everything:
            left += waiting[position:]
            break
        if tiling.holds(coupled | step.couples) and step.commutes(left_couples, left_touches):
            chosen.append(step)
            coupled |= step.couples
        else:
            left.append(step)
            left_couples |= step.couples
            left_touches |= step.couples | step.reads
    return chosen, coupled, left


@dataclass
class _Writer:
    tiling: Tiling
    pools: Pools
    free: frozenset[int]
    rows: list[list[int]] = field(default_factory=list)
    layouts: list[int] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)
    record_angle: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.elements = np.array(self.pools.elements, dtype=np.int64).reshape(-1, 4)

    def launch(self, layout: tuple[int, ...] | None, chosen: Sequence[Step]) -> None:
        first, first_record = len(self.rows), len(self.record_angle)
        place = self._places(layout)
        for step in chosen:
            self.rows.append(self._row(step, place))
        self.launches.append(
            Launch(
                first,
                len(self.rows),
                len(self.layouts),
                layout is None,
                first_record,
                len(self.record_angle) - first_record,
            )
        )
        self.layouts += layout or ()

    def _places(self, layout: tuple[int, ...] | None) -> dict[int, int]:
        """Return the positions of the basis index's bits in the tile."""
        if layout is None:
            return {bit: bit for bit in range(self.tiling.n_qubits)}
        low = self.tiling.low
        return {bit: bit for bit in range(low)} | {bit: low + k for k, bit in enumerate(layout)}

    def _row(self, step: Step, place: dict[int, int]) -> list[int]:
        local = _moved(step.couples, place)
        # Diagonal rows read the whole index, all others the tile's.
        places = [place[bit] for bit in step.places] if step.couples else list(step.places)
        extra = _moved(step.source, place) if step.source else step.pool
        row = [step.kind, step.angle, step.first, step.end, local, step.reads, extra, self._record(step)]
        return row + places + [0] * (COLUMNS - PLACES - len(places))

    def _record(self, step: Step) -> int:
        if step.kind != TURNS:
            return self._numbered(step.angle)
        records = []
        for number in range(step.first, step.end):
            kind, angle = self.elements[number, :2].tolist()
            if kind != FIXED:
                self.elements[number, 3] = self._numbered(angle)
                records.append(int(self.elements[number, 3]))
        return max(records, default=-1)

    def _numbered(self, angle: int) -> int:
        if angle not in self.free:
            return -1
        self.record_angle.append(angle)
        return len(self.record_angle) - 1

    def done(self) -> Schedule:
        return Schedule(
            self.tiling,
            tuple(self.launches),
            np.array(self.rows, dtype=np.int64).reshape(-1, COLUMNS),
            self.elements,
            np.array(self.layouts, dtype=np.int64),
            self.pools,
            np.array(self.record_angle, dtype=np.int64),
        )


def _moved(mask: int, place: dict[int, int]) -> int:
    moved = 0
    while mask:
        lowest = mask & -mask
        moved |= 1 << place[lowest.bit_length() - 1]
        mask ^= lowest
    return moved
