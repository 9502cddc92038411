"""Planning `pure_classical`."""

from __future__ import annotations

from novacron.specs import Classical
from scheduler.planning.kinds.base import Work
from shared.tasks import TaskSpec

EXPECTED_S = {"noop": 0.0005, "hartree_fock": 0.01}
USUAL_S = 0.3


def plan(spec: Classical, queue: str, memory_bytes: int) -> Work:
    """Plan one task per call; `map` fans out, and its results are gathered in order."""
    expected_s = EXPECTED_S.get(spec.function, USUAL_S)
    shape = f"classical/{spec.function}/{spec.n_calls}"
    if spec.map is None:
        task = TaskSpec("classical", queue, {}, (), expected_s, memory_bytes, spec.function)
        return Work([task], "single", "one call is one task", shape, expected_s)
    calls = [
        TaskSpec("classical", queue, {"index": call}, (), expected_s, memory_bytes, spec.function)
        for call in range(spec.n_calls)
    ]
    gather = TaskSpec("gather", queue, {}, tuple(range(spec.n_calls)), 0.01)
    return Work([*calls, gather], "fanned_out", "the calls are independent", shape, expected_s * spec.n_calls)
