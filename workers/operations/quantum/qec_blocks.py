"""Blocks of shots: consecutive chunks of one or several streams of a point, sized by measured speed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil
from typing import Any

from shared.db.qec_blocks import Stream
from shared.tasks import TaskSpec

BLOCK_S = (0.05, 1.0)
"""Shortest and longest block, in expected seconds: long enough that dispatch and record cost little."""
PARTS = 16
"""Number of blocks into which little work is divided, so that several workers share it."""
MOST_BLOCKS = 256
"""Blocks planned at a time."""
FIRST_CHUNK_S = 0.02
"""Expected seconds of a chunk before any was measured."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A stream with the work that it lacks.

    Attributes:
        point: number of its point.
        label: name of the point.
        part: what identifies the stream in a block.
        counts: what is known of it.
        wanted: numbers of the chunks that it lacks, ascending.
        n_points: number of points that its shots belong to.
    """

    point: int
    label: str
    part: Mapping[str, Any]
    counts: Stream
    wanted: Sequence[int]
    n_points: int = 1

    @property
    def chunk_s(self) -> float:
        """Expected processor seconds of a chunk."""
        seconds = self.counts.seconds
        return sum(seconds.values()) / len(seconds) if seconds else FIRST_CHUNK_S


def planned(lanes: Sequence[Lane], queue: str, left_s: float) -> list[TaskSpec]:
    """Return the next blocks of all lanes, for as long as all before: rates are told between two rounds.

    They are the first parts of what the lanes want if that would take longer, or if time is short.

    Args:
        lanes: those of a point beside each other.
        queue: queue of the blocks.
        left_s: processor seconds that the job may still spend.
    """
    lanes = [lane for lane in lanes if lane.wanted]
    work_s = sum(len(lane.wanted) * lane.chunk_s for lane in lanes)
    share = min(1.0, round_s(lanes, left_s) / work_s)
    block_s = min(max(share * work_s / PARTS, BLOCK_S[0]), BLOCK_S[1])
    most = ceil(MOST_BLOCKS / len(lanes))
    blocks: list[TaskSpec] = []
    for _, beside in groupby(lanes, lambda lane: lane.point):
        parts = [_blocks(lane, share, block_s, queue)[:most] for lane in beside]
        blocks += _merged([block for lane in parts for block in lane], block_s)
    return blocks


def round_s(lanes: Sequence[Lane], left_s: float) -> float:
    """Return the longest that the next blocks may take together, in processor seconds."""
    done_s = sum(sum(lane.counts.seconds.values()) for lane in lanes)
    return min(max(left_s, 0.0), max(done_s, PARTS * BLOCK_S[1]))


def _blocks(lane: Lane, share: float, block_s: float, queue: str) -> list[TaskSpec]:
    """Return the first part of a lane's work in blocks."""
    chunks = lane.wanted[: ceil(share * len(lane.wanted))] or lane.wanted[:1]
    return [
        TaskSpec(
            "qec_block",
            queue,
            {"point": lane.point, "parts": [{**lane.part, "first": first, "last": last}]},
            cost_s=(last - first + 1) * lane.chunk_s,
            name=lane.label,
        )
        for first, last in _spans(chunks, max(1, round(block_s / lane.chunk_s)))
    ]


def _merged(blocks: Sequence[TaskSpec], block_s: float) -> list[TaskSpec]:
    """Return the blocks of a point, short ones put together."""
    found: list[TaskSpec] = []
    for block in blocks:
        last = found[-1] if found else None
        if last is None or last.cost_s + block.cost_s > block_s:
            found.append(block)
            continue
        parts = [*last.payload["parts"], *block.payload["parts"]]
        payload, cost_s = {**block.payload, "parts": parts}, last.cost_s + block.cost_s
        found[-1] = replace(last, payload=payload, cost_s=cost_s)
    return found


def _spans(chunks: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of runs of consecutive chunks, at most `length` long."""
    for _, run in groupby(enumerate(chunks), lambda item: item[1] - item[0]):
        numbers = [chunk for _, chunk in run]
        for start in range(0, len(numbers), length):
            part = numbers[start : start + length]
            yield part[0], part[-1]
