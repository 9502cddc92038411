"""Timing of one submission, from the request to the stored job; bound to the context of the request.

A parser process records its steps and returns them with its answer; the API process alone exports spans.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

UNTRACED = nullcontext()


@dataclass(slots=True)
class Course:
    """The steps of a submission, and the job it created.

    Attributes:
        traceparent: stored with the job as the parent of its spans.
        on_accepted: called once the job is stored.
        begun_ns: start, nanoseconds since the Unix epoch.
        steps: name, start and end of each.
        job_id: id of the job; None until it is accepted.
        facts: span attributes of the job.
        accepted_ns: when it was stored.
    """

    traceparent: str
    on_accepted: Callable[[Course], None] | None = None
    begun_ns: int = field(default_factory=time.time_ns)
    steps: list[tuple[str, int, int]] = field(default_factory=list)
    job_id: str | None = None
    facts: dict[str, str | int] = field(default_factory=dict)
    accepted_ns: int = 0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record the duration of a step that succeeds."""
        begun_ns = time.time_ns()
        yield
        self.steps.append((name, begun_ns, time.time_ns()))

    def accept(self, job_id: str, facts: Mapping[str, str | int]) -> None:
        """Record the job that was stored."""
        self.job_id, self.facts, self.accepted_ns = job_id, dict(facts), time.time_ns()
        if self.on_accepted is not None:
            self.on_accepted(self)

    def document(self) -> dict[str, Any]:
        """Return the report of a parser process, as plain JSON."""
        return {"job_id": self.job_id, "facts": self.facts, "steps": self.steps}

    def add(self, document: Mapping[str, Any]) -> None:
        """Add the report of a parser process."""
        self.steps += [(name, begun_ns, ended_ns) for name, begun_ns, ended_ns in document["steps"]]
        if document["job_id"] is not None:
            self.accept(document["job_id"], document["facts"])


COURSE: ContextVar[Course | None] = ContextVar("course", default=None)
"""Course of the request handled in this context; None if it is not traced."""


@contextmanager
def followed(traceparent: str | None) -> Iterator[Course | None]:
    """Bind a new course to a request forwarded by another process; None if it is not traced."""
    course = None if traceparent is None else Course(traceparent)
    bound = COURSE.set(course)
    try:
        yield course
    finally:
        COURSE.reset(bound)


def step(name: str) -> AbstractContextManager[None]:
    """Time a step of the submission handled in this context."""
    course = COURSE.get()
    return UNTRACED if course is None else course.step(name)
