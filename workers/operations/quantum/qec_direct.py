"""Points whose shots are drawn as they occur: one stream of chunks each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Any

from novacron.specs import QECMemory
from novacron.specs.qec_point import GivenPoint, Point
from novacron.specs.sinter_counts import SinterRow
from shared.db.qec_blocks import Stream
from workers.operations.quantum.qec_blocks import BLOCK_S, PARTS, Lane, round_s
from workers.quantum.qec.allocation import shares
from workers.quantum.qec.experiment import experiment
from workers.quantum.qec.statistics import interval
from workers.quantum.qec.stopping import Target
from workers.runtime.context import Context

ROUNDS = 4
"""Least number of rounds of an aimed study: the first ones tell where the others' time goes."""
STEPS = 32
"""Number of parts in which a round is distributed."""


@dataclass(frozen=True)
class Direct:
    """A study with what is known of it.

    Attributes:
        spec: the job's.
        points: its points.
        streams: `id`, `chunk_shots` and `strong_id` of each point.
        counts: by the stream's id.
    """

    spec: QECMemory
    points: Sequence[Point | GivenPoint]
    streams: Sequence[Mapping[str, Any]]
    counts: Mapping[str, Stream]

    @staticmethod
    def identified(context: Context[QECMemory], points: Sequence[Point | GivenPoint]) -> list[dict[str, Any]]:
        """Return the streams of all points."""
        found = []
        for point in points:
            context.checkpoint()
            made = experiment(point)
            found.append({
                "id": made.stream(context.seed), "chunk_shots": made.chunk_shots, "strong_id": made.strong_id,
            })  # fmt: skip
        return found

    @staticmethod
    def ids(streams: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return the ids of the streams."""
        return [stream["id"] for stream in streams]

    @property
    def begun(self) -> bool:
        """Whether every point has shots."""
        return all(
            self._target(stream).known_shots or 0 in self.counts[stream["id"]].errors
            for stream in self.streams
        )

    def lanes(self) -> list[Lane]:
        """Return the streams with the chunks that each needs next; none if its point has ended."""
        found = []
        for number, (point, stream) in enumerate(zip(self.points, self.streams, strict=True)):
            part, counts = {"stream": stream["id"]}, self.counts[stream["id"]]
            found.append(Lane(number, point.label, part, counts, self._missing(stream)))
        return found

    def aimed(self, lanes: Sequence[Lane], left_s: float) -> list[Lane]:
        """Return the lanes with the part of their chunks that lowers the error of the fit most."""
        seconds = min(round_s(lanes, left_s), max(left_s / ROUNDS, PARTS * BLOCK_S[0]))
        speeds = [
            stream["chunk_shots"] / lane.chunk_s if lane.wanted else 0.0
            for stream, lane in zip(self.streams, lanes, strict=True)
        ]
        told = self.told() if self.begun else []
        given = shares(self.spec.aim or "", told, speeds, seconds, STEPS)
        found = []
        for lane, own_s in zip(lanes, given, strict=True):
            n_chunks = max(1, round(own_s / lane.chunk_s)) if own_s else 0
            found.append(replace(lane, wanted=lane.wanted[:n_chunks]))
        return found

    def unused(self) -> int:
        """Return the number of rows of counts that no point begins with."""
        used = {stream["strong_id"] for stream in self.streams if self._known(stream["strong_id"])}
        return len(self.spec.counts.rows) - len(used) if self.spec.counts else 0

    def told(self) -> list[dict[str, Any]]:
        """Return the points of the result that have shots."""
        told = (self._told(*one) for one in zip(self.points, self.streams, strict=True))
        return [point for point in told if point is not None]

    def _told(self, point: Point | GivenPoint, stream: Mapping[str, Any]) -> dict[str, Any] | None:
        counts, known = self.counts[stream["id"]], self._known(stream["strong_id"])
        target, prefix = self._target(stream), counts.prefix
        end = target.end(prefix)
        n_chunks = len(prefix) if end is None else end
        errors = target.known_errors + sum(prefix[:n_chunks])
        shots = target.known_shots + n_chunks * stream["chunk_shots"]
        if not shots:
            return None
        seconds = sum(counts.seconds[chunk] for chunk in range(n_chunks)) + (known.seconds if known else 0.0)
        seeds = {*(known.seeds if known else ()), *([self.spec.seed] if n_chunks else [])}
        low, high = interval(errors, shots)
        rate = errors / shots
        return {
            **point.facts,
            "sampling": "direct",
            "shots": shots,
            "errors": errors,
            "rate": rate,
            "std_error": sqrt(rate * (1 - rate) / shots),
            "rate_low": low,
            "rate_high": high,
            "seconds": round(seconds, 6),
            "strong_id": stream["strong_id"],
            "seeds": sorted(seeds),
        }

    def _target(self, stream: Mapping[str, Any]) -> Target:
        spec, shots, known = self.spec, stream["chunk_shots"], self._known(stream["strong_id"])
        known_shots, known_errors = (known.shots, known.errors) if known else (0, 0)
        max_chunks = max(0, ceil((spec.max_shots - known_shots) / shots))
        return Target(shots, max_chunks, spec.errors_wanted, spec.relative_error, known_shots, known_errors)

    def _known(self, strong_id: str) -> SinterRow | None:
        """Return the counts with which a point begins; postselected shots are none of its own."""
        rows = self.spec.counts.rows if self.spec.counts else ()
        fitting = (row for row in rows if row.strong_id == strong_id and row.shots and not row.discards)
        return next(fitting, None)

    def _missing(self, stream: Mapping[str, Any]) -> list[int]:
        target, counts = self._target(stream), self.counts[stream["id"]]
        prefix = counts.prefix
        if target.end(prefix) is not None:
            return []
        return [chunk for chunk in range(target.expected(prefix)) if chunk not in counts.errors]
