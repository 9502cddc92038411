"""Memory experiments: `qec_collect` plans blocks of shots until every point has ended, `qec_block` runs one.

Counts are rows (`shared.db.qec_blocks`), not results of tasks: they outlive the job, and a later job with the
same points and seed begins with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

from novacron.specs import QECMemory
from novacron.specs.qec_point import GivenPoint, Point
from shared.db import qec_blocks
from shared.tasks import TaskSpec
from workers.operations.quantum.qec_blocks import planned
from workers.operations.quantum.qec_direct import Direct
from workers.operations.quantum.qec_sweeps import Sweeps
from workers.quantum.qec.experiment import experiment
from workers.quantum.qec.fits import fit
from workers.quantum.qec.statistics import CONFIDENCE
from workers.quantum.qec.stratified import stratified
from workers.runtime.context import Context
from workers.runtime.outcome import Done, Expand

LIVE = ("distance", "p", "decoder", "shots", "errors", "rate", "std_error", "rate_low", "rate_high")
"""What events tell of a point."""


def block(context: Context[QECMemory]) -> Done:
    """Run the chunks of one point that `payload["parts"]` names and record their counts.

    Returns the processor seconds spent.
    """
    payload, origin = context.payload, context.origin
    point, spent_s = list(context.spec.points())[payload["point"]], 0.0
    # A block planned before a point could have several streams is its only part.
    for part in payload.get("parts", [payload]):
        run, errors, began = _sampler(point, part), [], time.process_time()
        for chunk in range(part["first"], part["last"] + 1):
            context.checkpoint()
            errors.append(run(chunk))
        seconds = time.process_time() - began
        qec_blocks.record(origin.database(), origin.tenant_id, part["stream"], part["first"], errors, seconds)
        spent_s += seconds
    return Done(spent_s)


def _sampler(point: Point | GivenPoint, part: Mapping[str, Any]) -> Callable[[int], int]:
    """Return what samples a chunk and returns its errors."""
    if "faults" in part:
        drawn = stratified(point)
        return lambda chunk: drawn.errors(part["stream"], part["faults"], chunk)
    made = experiment(point)
    return lambda chunk: made.errors(part["stream"], chunk)


def collect(context: Context[QECMemory]) -> Done | Expand:
    """Return the job's result, or expand into the blocks that its points lack and another `collect`."""
    spec, points = context.spec, list(context.spec.points())
    sampling = Direct if spec.sampling == "direct" else Sweeps
    streams = context.payload.get("streams") or sampling.identified(context, points)
    spent_s = context.payload.get("spent_s", 0.0) + sum(context.inputs)
    known = qec_blocks.read(context.origin.database(), context.origin.tenant_id, sampling.ids(streams))
    study = sampling(spec, points, streams, known)
    lanes = study.lanes()
    unended = sum({lane.point: lane.n_points for lane in lanes if lane.wanted}.values())
    left_s = inf if spec.max_seconds is None else spec.max_seconds - spent_s
    if not unended or (study.begun and left_s <= 0):
        if unended and spec.aim is None:
            context.warn(f"max_seconds ended {unended} points before their other limits")
        if (unused := study.unused()) > 0:
            context.warn(f"{unused} rows of counts belong to no point of this job, or were postselected")
        return Done(_result(spec, points, study.told()))
    context.tell("rates", _progress(study.told(), len(points) - unended, len(points)))
    if spec.aim is not None and isinstance(study, Direct):
        lanes = study.aimed(lanes, left_s)
    blocks = planned(lanes, context.queue, left_s)
    payload = {"streams": streams, "spent_s": spent_s}
    return Expand([*blocks, TaskSpec("qec_collect", context.queue, payload, tuple(range(len(blocks))))])


def _progress(told: Sequence[dict[str, Any]], n_ended: int, n_points: int) -> dict[str, Any]:
    """Return how far a study is: the points that have shots, with their rates so far."""
    return {
        "ended": n_ended, "total": n_points, "points": [{name: one[name] for name in LIVE} for one in told],
    }  # fmt: skip


def _result(
    spec: QECMemory, points: Sequence[Point | GivenPoint], told: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    found = fit(told)
    if spec.sampling == "reweighted":
        # Its points are not independent, as the interval of a threshold supposes.
        found["thresholds"] = []
    return {
        "points": told,
        "fit": found,
        "confidence": CONFIDENCE,
        "receipt": {"circuit_distances": _distances(points)},
    }


def _distances(points: Sequence[Point | GivenPoint]) -> dict[str, int | None]:
    """Return the distance of the circuits of each code distance, None where its search takes long.

    The key of a circuit of the user is `circuit`.
    """
    first = {str(point.facts["distance"] or "circuit"): point for point in reversed(points)}
    return {name: experiment(point).distance() for name, point in first.items()}
