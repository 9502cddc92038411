"""One step of a loop whose evaluations are tasks: record their results, and request the next ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import ceil
from typing import Any

from shared.tasks import TaskSpec
from workers.operations.quantum.evaluate_on_device import SPENT
from workers.quantum.objective import Objective, Request, WrittenRequest
from workers.quantum.variational.build import Loop, optimizer_of, shared_objective, start_of
from workers.quantum.variational.hardware import HardwareEnergy
from workers.quantum.variational.replay import Pending, entry_of, pending, replay, stopped
from workers.runtime.context import Context, Entry
from workers.runtime.outcome import Done, Expand

# Units are grouped until a task is worth its dispatch cost; the grouping does not affect any bit of the
# result.
WORTH_A_TASK_S = 0.05
MOST_TASKS = 64


def advance(context: Context[Loop]) -> Done | Expand:
    """Journal the evaluations requested by the last step, and replay the loop as far as they allow.

    Payload: `loop`, and the `requests` [{position, point, gradient}] whose units' results are the inputs.
    Returns a LoopResult, or expands into the next evaluations followed by another `advance`.
    """
    loop, journal = int(context.payload["loop"]), context.journal(int(context.payload["loop"]))
    target = shared_objective(context.spec)
    optimizer, start, entries = optimizer_of(context.spec), start_of(context.spec, target), journal.entries()
    if spent := _spent(context.inputs):
        return Done(asdict(stopped(target, optimizer, context.seed, loop, entries, spent, start)))
    recorded = {entry.position for entry in entries}
    for entry in _combined(target, loop, context.payload.get("requests", ()), context.inputs):
        if entry.position not in recorded:
            journal.append(entry)
            entries.append(entry)
    try:
        result = replay(target, optimizer, context.seed, loop, entries, pending, start)
    except Pending as work:
        return Expand(_tasks(target, loop, work.requests, context.queue))
    finally:
        journal.flush()
    return Done(asdict(result))


def _spent(inputs: Sequence[Any]) -> str:
    """Return why the last step was not run, empty if it was."""
    return next((one[SPENT] for one in inputs if isinstance(one, dict)), "")


def _combined(
    target: Objective, loop: int, requests: Iterable[WrittenRequest], inputs: Sequence[list[list[float]]]
) -> list[Entry]:
    results = iter([result for part in inputs for result in part])
    entries = []
    for asked in requests:
        request = Request.read(loop, asked)
        units = [next(results) for _ in range(target.units(request))]
        entries.append(entry_of(request, target.combine(request, units), target.constant))
    return entries


def _tasks(target: Objective, loop: int, requests: Sequence[Request], queue: str) -> list[TaskSpec]:
    asked = [request.written() for request in requests]
    if isinstance(target, HardwareEnergy):
        step = {"loop": loop, "requests": asked}
        first, last = requests[0].position + 1, requests[-1].position + 1
        name = f"evaluation {first}" if first == last else f"evaluations {first} to {last}"
        measured = TaskSpec("evaluate_on_device", queue, step, name=name)
        return [measured, TaskSpec("advance", queue, step, after=(0,))]
    tasks = [
        TaskSpec(
            "evaluate",
            queue,
            {"loop": loop, **written, "units": [first, stop]},
            cost_s=target.cost_s(request) * (stop - first) / target.units(request),
            name=f"evaluation {request.position + 1}",
        )
        for request, written in zip(requests, asked, strict=True)
        for first, stop in _spans(target, request)
    ]
    after = tuple(range(len(tasks)))
    return [*tasks, TaskSpec("advance", queue, {"loop": loop, "requests": asked}, after=after)]


def _spans(target: Objective, request: Request) -> list[tuple[int, int]]:
    units = target.units(request)
    count = max(1, min(units, MOST_TASKS, ceil(target.cost_s(request) / WORTH_A_TASK_S)))
    return [(units * k // count, units * (k + 1) // count) for k in range(count)]
