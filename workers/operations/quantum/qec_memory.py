"""Memory experiments: `qec_collect` plans blocks of shots until every point has ended, `qec_block` runs one.

Counts are rows (`shared.db.qec_blocks`), not results of tasks: they outlive the job, and a later job with the
same points and seed begins with them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil, inf
from typing import Any

from novacron.specs import QECMemory
from novacron.specs.qec_point import GivenPoint, Point
from novacron.specs.sinter_counts import SinterRow
from shared.db import qec_blocks
from shared.db.qec_blocks import Stream
from shared.tasks import TaskSpec
from workers.quantum.qec.experiment import Experiment, experiment
from workers.quantum.qec.fits import fit
from workers.quantum.qec.statistics import CONFIDENCE, interval
from workers.quantum.qec.stopping import Target
from workers.runtime.context import Context
from workers.runtime.outcome import Done, Expand

BLOCK_S = (0.05, 1.0)
"""Shortest and longest block, in expected seconds: long enough that dispatch and record cost little."""
PARTS = 16
"""Number of blocks into which little work is divided, so that several workers share it."""
MOST_BLOCKS = 256
"""Blocks planned at a time."""
FIRST_CHUNK_S = 0.02
"""Expected seconds of a chunk before any was measured."""


def block(context: Context[QECMemory]) -> Done:
    """Run chunks `payload["first"]` to `payload["last"]` of one point and record their counts.

    Returns the processor seconds spent.
    """
    payload = context.payload
    ran = experiment(list(context.spec.points())[payload["point"]])
    errors, began = [], time.process_time()
    for chunk in range(payload["first"], payload["last"] + 1):
        context.checkpoint()
        errors.append(ran.errors(payload["stream"], chunk))
    seconds = time.process_time() - began
    origin = context.origin
    qec_blocks.record(
        origin.database(), origin.tenant_id, payload["stream"], payload["first"], errors, seconds
    )
    return Done(seconds)


def collect(context: Context[QECMemory]) -> Done | Expand:
    """Return the job's result, or expand into the blocks that its points lack and another `collect`."""
    spec, points = context.spec, list(context.spec.points())
    streams = context.payload.get("streams") or [_identified(experiment(point), context) for point in points]
    spent_s = context.payload.get("spent_s", 0.0) + sum(context.inputs)
    known = qec_blocks.read(
        context.origin.database(), context.origin.tenant_id, [one["id"] for one in streams]
    )
    counts = [known[one["id"]] for one in streams]
    targets = [_target(spec, one) for one in streams]
    wanted = [_missing(target, stream) for target, stream in zip(targets, counts, strict=True)]
    left_s = inf if spec.max_seconds is None else spec.max_seconds - spent_s
    begun = all(
        target.known_shots or 0 in stream.errors for target, stream in zip(targets, counts, strict=True)
    )
    if not any(wanted) or (begun and left_s <= 0):
        if any(wanted):
            context.warn(f"max_seconds ended {sum(map(bool, wanted))} points before their other limits")
        if (unused := _unused(spec, streams)) > 0:
            context.warn(f"{unused} rows of counts belong to no point of this job, or were postselected")
        return Done(_result(spec, streams, counts, targets))
    context.note(_progress(streams, counts, wanted))
    blocks = list(_blocks(points, streams, counts, wanted, context.queue, left_s))
    payload = {"streams": streams, "spent_s": spent_s}
    return Expand([*blocks, TaskSpec("qec_collect", context.queue, payload, tuple(range(len(blocks))))])


def _progress(
    streams: Sequence[dict[str, Any]], counts: Sequence[Stream], wanted: Sequence[Sequence[int]]
) -> str:
    """Return how far a study is, in words."""
    ended = sum(not chunks for chunks in wanted)
    errors = sum(sum(stream.errors.values()) for stream in counts)
    shots = sum(one["chunk_shots"] * len(stream.errors) for one, stream in zip(streams, counts, strict=True))
    return f"{ended} of {len(streams)} points ended: {errors:,} errors in {shots:,} shots"


def _target(spec: QECMemory, stream: dict[str, Any]) -> Target:
    shots, known = stream["chunk_shots"], _known(spec, stream["strong_id"])
    known_shots, known_errors = (known.shots, known.errors) if known else (0, 0)
    max_chunks = max(0, ceil((spec.max_shots - known_shots) / shots))
    return Target(shots, max_chunks, spec.errors_wanted, spec.relative_error, known_shots, known_errors)


def _known(spec: QECMemory, strong_id: str) -> SinterRow | None:
    """Return the counts with which a point begins; postselected shots are none of its own."""
    rows = spec.counts.rows if spec.counts else ()
    return next((row for row in rows if row.strong_id == strong_id and row.shots and not row.discards), None)


def _unused(spec: QECMemory, streams: Sequence[dict[str, Any]]) -> int:
    """Return the number of rows of counts that no point begins with."""
    used = {stream["strong_id"] for stream in streams if _known(spec, stream["strong_id"])}
    return len(spec.counts.rows) - len(used) if spec.counts else 0


def _identified(made: Experiment, context: Context[QECMemory]) -> dict[str, Any]:
    context.checkpoint()
    return {"id": made.stream(context.seed), "chunk_shots": made.chunk_shots, "strong_id": made.strong_id}


def _missing(target: Target, stream: Stream) -> list[int]:
    """Return the numbers of the chunks that a point needs next; none if it has ended."""
    prefix = stream.prefix
    if target.end(prefix) is not None:
        return []
    return [chunk for chunk in range(target.expected(prefix)) if chunk not in stream.errors]


def _blocks(
    points: Sequence[Point | GivenPoint],
    streams: Sequence[dict[str, Any]],
    counts: Sequence[Stream],
    wanted: Sequence[Sequence[int]],
    queue: str,
    left_s: float,
) -> Iterator[TaskSpec]:
    """Yield the blocks of all points, sized by the measured speed; their first parts if time is short."""
    chunk_s = [_chunk_s(stream) for stream in counts]
    work_s = sum(len(chunks) * each_s for chunks, each_s in zip(wanted, chunk_s, strict=True))
    if work_s > left_s:
        share = max(left_s, 0.0) / work_s
        wanted = [chunks[: ceil(share * len(chunks))] or chunks[:1] for chunks in wanted]
        work_s = left_s
    block_s = min(max(work_s / PARTS, BLOCK_S[0]), BLOCK_S[1])
    most = ceil(MOST_BLOCKS / sum(map(bool, wanted)))
    for number, (point, chunks) in enumerate(zip(points, wanted, strict=True)):
        length = max(1, round(block_s / chunk_s[number]))
        for first, last in list(_spans(chunks, length))[:most]:
            yield TaskSpec(
                "qec_block",
                queue,
                {"point": number, "stream": streams[number]["id"], "first": first, "last": last},
                cost_s=(last - first + 1) * chunk_s[number],
                name=point.label,
            )


def _chunk_s(stream: Stream) -> float:
    return sum(stream.seconds.values()) / len(stream.seconds) if stream.seconds else FIRST_CHUNK_S


def _spans(chunks: Sequence[int], length: int) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of runs of consecutive chunks, at most `length` long."""
    for _, run in groupby(enumerate(chunks), lambda item: item[1] - item[0]):
        numbers = [chunk for _, chunk in run]
        for start in range(0, len(numbers), length):
            part = numbers[start : start + length]
            yield part[0], part[-1]


def _result(
    spec: QECMemory,
    streams: Sequence[dict[str, Any]],
    counts: Sequence[Stream],
    targets: Sequence[Target],
) -> dict[str, Any]:
    points = list(spec.points())
    told = [_told(spec, *one) for one in zip(points, streams, counts, targets, strict=True)]
    return {
        "points": told,
        "fit": fit(told),
        "confidence": CONFIDENCE,
        "receipt": {"circuit_distances": _distances(points)},
    }


def _told(
    spec: QECMemory, point: Point | GivenPoint, stream: dict[str, Any], counts: Stream, target: Target
) -> dict[str, Any]:
    """Return a point of the result."""
    prefix, known = counts.prefix, _known(spec, stream["strong_id"])
    end = target.end(prefix)
    n_chunks = len(prefix) if end is None else end
    errors = target.known_errors + sum(prefix[:n_chunks])
    shots = target.known_shots + n_chunks * stream["chunk_shots"]
    seconds = sum(counts.seconds[chunk] for chunk in range(n_chunks)) + (known.seconds if known else 0.0)
    seeds = {*(known.seeds if known else ()), *([spec.seed] if n_chunks else [])}
    low, high = interval(errors, shots)
    return {
        **point.facts,
        "shots": shots,
        "errors": errors,
        "rate": errors / shots,
        "rate_low": low,
        "rate_high": high,
        "seconds": round(seconds, 6),
        "strong_id": stream["strong_id"],
        "seeds": sorted(seeds),
    }


def _distances(points: Sequence[Point | GivenPoint]) -> dict[str, int]:
    """Return the fewest faults that flip an observable undetected, by code distance; of small circuits.

    The key of a circuit of the user is `circuit`.
    """
    found: dict[str, int] = {}
    for point in points:
        name = str(point.facts["distance"] or "circuit")
        if name not in found and (distance := experiment(point).distance()) is not None:
            found[name] = distance
    return found
