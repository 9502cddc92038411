"""Planning `qec_memory`."""

from __future__ import annotations

from math import inf

from novacron.specs import QECMemory
from novacron.specs.qec_point import ANY_FAULTS, FAMILIES, GivenPoint, Point
from novacron.specs.stim_text import counted
from scheduler.planning.kinds.base import Work
from shared.tasks import TaskSpec

THRESHOLD = 0.007
"""Order of magnitude of the error rate below which larger distances help, for estimates only."""
DETECTOR_S = 3e-9
"""Seconds to sample one detector."""
EVENT_S = 2e-7
"""Seconds to decode one detection event."""
GIVEN_RATE = 1e-3
"""Error rate of a circuit of the user, for estimates only."""
SLOWNESS = 1000
"""How much longer decoders of any faults take than matching."""
STRATIFIED_SHOTS = 10_000
"""Shots by number of faults that tell as much as one error."""
EVENTS_PER_DETECTOR = 15
"""Detection events of a detector and a shot, per physical error probability."""


def plan(spec: QECMemory, queue: str, memory_bytes: int) -> Work:
    """Plan the collection, which expands into blocks of shots as it learns speed and error rates."""
    points = list(spec.points())
    cost_s = min(sum(_expected_s(spec, point) for point in points), spec.max_seconds or inf)
    task = TaskSpec("qec_collect", queue, {}, (), 0.05 * len(points), memory_bytes)
    why = "blocks of shots are independent, and planned as their speed and error rates become known"
    largest = max(spec.distance or (0,))
    shape = f"qec_memory/{spec.code}/{largest}/{len(points)}/{_errors(spec):.0f}"
    return Work([task], "fanned_out", why, shape, cost_s)


def _errors(spec: QECMemory) -> float:
    """Return the number of errors after which a point of a small rate ends."""
    counted = inf if spec.errors_wanted is None else spec.errors_wanted
    return min(counted, inf if spec.relative_error is None else spec.relative_error**-2)


def _expected_s(spec: QECMemory, point: Point | GivenPoint) -> float:
    """Return the expected processor seconds of a point, to an order of magnitude."""
    if isinstance(point, GivenPoint):
        return min(spec.max_shots, _errors(spec) / GIVEN_RATE) * counted(point.circuit)[0] * DETECTOR_S
    n_detectors = FAMILIES[point.code].n_stabilizers(point.distance) * point.rounds
    rate: float = min(0.5, 0.1 * (point.p / THRESHOLD) ** ((point.distance + 1) / 2))
    each = 1 / rate if spec.sampling == "direct" else min(1 / rate, STRATIFIED_SHOTS)
    shots = min(spec.max_shots, _errors(spec) * each)
    event_s = EVENT_S * (SLOWNESS if point.decoder in ANY_FAULTS else 1)
    return shots * n_detectors * (DETECTOR_S + event_s * min(0.5, EVENTS_PER_DETECTOR * point.p))
