"""Jobs with numbers at and beyond the ends of their ranges, taken through submission and operations here.

Whatever is asked, a job is refused with its field, or completes, or fails with a class of ours: nothing else
may come of a number that somebody typed.
"""

from __future__ import annotations

import copy
import json
import math
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from novacron.errors import BadInput
from novacron.specs import Spec
from scheduler.planning import planner
from scheduler.planning.placement import place
from scheduler.planning.submission import Submission
from shared import content
from shared.circuits.limits import Limits
from shared.circuits.reader import read
from shared.queues import QUEUES
from shared.settings import Settings
from testing.contexts import context
from tests.unit.workers.operations.executor import MemoryJournal
from workers import operations
from workers.runtime import failure
from workers.runtime.finite import misfit
from workers.runtime.outcome import Done, Expand, OverflowedError

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2.0, 0.5, -0.0, 1e308, -1e308, 1.7e154, 1e-320, 5e-324, 9e18, 9 * 10**18, 2**31, 2**63 - 1,
    2**63, -(2**63), 10**30, 10**400, math.nan, math.inf, -math.inf,
)  # fmt: skip
THINGS: tuple[Any, ...] = (None, True, "", "9e18", "1e400", [], {}, [[]], "\x00", "\ud800")
PATIENCE_S = 3.0
ASLEEP_S = 1.0
"""After so long a job that only waits is known to be under way."""


class Slow(BaseException):
    """A job that is well under way: what was asked for is much, not wrong."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise Slow in the block after so long."""

    def stop(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, stop)
    # Once more and again: a stop that falls into a weak reference's callback is swallowed.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every number in a job, the first two of each list only."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        if value and all(isinstance(inner, list) for inner in value):
            yield at
        for position, inner in enumerate(value[:2]):
            yield from places(inner, (*at, position))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield at


def put(job: Mapping[str, Any], at: Sequence[str | int], value: Any) -> dict[str, Any]:
    """The job with another value at a path."""
    changed = copy.deepcopy(dict(job))
    inner: Any = changed
    for part in at[:-1]:
        inner = inner[part]
    inner[at[-1]] = value
    return changed


def scaled(value: Any, factor: float) -> Any:
    """A job with all of its numbers that are no integers multiplied."""
    if isinstance(value, Mapping):
        return {key: scaled(inner, factor) for key, inner in value.items()}
    if isinstance(value, list):
        return [scaled(inner, factor) for inner in value]
    return value * factor if isinstance(value, float) else value


def submitted(job: Any) -> Spec:
    """The spec of a job, as submission reads it, placed and planned.

    Raises:
        BadInput: it is refused.
    """
    engine: Any = None  # reading a job asks no database
    reading = Submission(Settings(), engine, lambda text: read(text, "circuit", Limits()).to_json())
    return reading.read(job)


@cache
def loaded() -> None:
    """Load what circuits load when they are first run: a stop in between would leave modules half loaded."""
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; '
    text = head + "int[16] n = 7; n = n / (c[0] * 2 + 1); if (c[0]) { rz(n) q[0]; } c = measure q;"
    for shots in (None, 3):
        spec = submitted({"kind": "pure_quantum", "circuit": {"qasm": text}, "shots": shots})
        placement = place(spec, set(QUEUES), {})
        _run(spec, placement, planner.work(spec, placement))


def outcome(job: Any, patience_s: float | None = None) -> str:
    """What comes of a job: `refused`, `completed`, `slow`, or the code of its failure.

    Raises:
        AssertionError: an error of nobody's, with the job.
    """
    loaded()
    try:
        asleep = isinstance(job, Mapping) and job.get("function") == "sleep"
        with limited(patience_s or (ASLEEP_S if asleep else PATIENCE_S)):
            spec = submitted(job)
            placement = place(spec, set(QUEUES), {})
            content.key(spec.model_dump(mode="json"), tenant_id=1, backend=placement.backend)
            work = planner.work(spec, placement)
            planner.warnings(spec, placement, work)
            json.dumps([work.cost_s, work.loop, work.known], allow_nan=False)
            result = _run(spec, placement, work)
            if which := misfit(result):
                raise OverflowedError(f"the result is not finite: {which}")
    except Slow:
        return "slow"
    except BadInput as error:
        json.dumps(error.entries(), allow_nan=False)
        assert error.rule and str(error)
        return "refused"
    except Exception as error:
        found = failure.of(error)
        if found.code in ("unforeseen", "unstorable"):
            raise AssertionError(f"{type(error).__name__}: {error} of {str(job)[:400]}") from error
        return found.code
    return "completed"


def _run(spec: Spec, placement: Any, work: Any) -> Any:
    spec = spec.model_copy(update={"backend": placement.backend or spec.backend})
    tasks = [[task.operation, task.payload, list(task.after)] for task in work.tasks]
    journals: dict[int, MemoryJournal] = {}
    results: dict[int, Any] = {}
    last = len(tasks) - 1
    while last not in results:
        number = next(
            k for k, task in enumerate(tasks) if k not in results and all(p in results for p in task[2])
        )
        operation, payload, after = tasks[number]
        seen = context(
            spec, payload, [results[parent] for parent in after], queue=placement.queue,
            journal=lambda loop: journals.setdefault(loop, MemoryJournal()),
        )  # fmt: skip
        came = operations.load(operation)(seen)
        if isinstance(came, Expand):
            first = len(tasks)
            tasks += [[t.operation, t.payload, [first + a for a in t.after]] for t in came.tasks]
            for task in tasks:
                task[2] = [len(tasks) - 1 if parent == number else parent for parent in task[2]]
            last = len(tasks) - 1 if last == number else last
            results[number] = None
        else:
            assert isinstance(came, Done)
            results[number] = came.value
    return results[last]
