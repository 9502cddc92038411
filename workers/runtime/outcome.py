"""Outcomes of an operation: values for expected ones, exceptions for errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from novacron.json_types import JsonObject
from shared import extras
from shared.tasks import TaskSpec


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished with this JSON value."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Expand:
    """The task is replaced by these tasks: its children wait for the last of them."""

    tasks: Sequence[TaskSpec]


@dataclass(frozen=True, slots=True)
class Snooze:
    """The task runs again after a delay, with this payload; no worker slot is occupied meanwhile."""

    delay_s: float
    payload: JsonObject = field(default_factory=dict)


Outcome = Done | Expand | Snooze


class Stopped(Exception):  # noqa: N818 - an interruption, not an error
    """The task was cancelled, or its lease was lost: stop now, record nothing."""


class UserError(Exception):
    """The job cannot succeed as submitted; a retry would not help.

    Args:
        message: what is wrong.
        hint: how to fix it.
    """

    code: str | None = None
    """The failure's code, narrower than `refused`."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class OverflowedError(UserError):
    """The job's numbers exceed the range of double precision (about 1e-308 to 1e308) in between."""

    code = "overflow"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="scale the numbers of the job, so that none is this large or small")


class FunctionError(UserError):
    """A function of an installed package raised an exception, which is the cause."""

    code = "function_failed"


class UnstorableError(UserError):
    """The task's result cannot be stored: it is too large, or PostgreSQL cannot represent it."""

    code = "unstorable"


class MissingExtraError(UserError):
    """This worker lacks an extra that the task needs.

    Args:
        extra: its name.
        purpose: what needs it.
    """

    code = "missing_extra"

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} need the extra {extra}, which no worker has", hint=extras.install(extra))
        self.extra = extra


class OutdatedError(UserError):
    """Another version of NovaCron accepted or planned the job, and this one cannot run it."""

    code = "outdated"

    def __init__(self, message: str, hint: str = "submit it again; a refusal says what to change") -> None:
        super().__init__(message, hint=hint)


class PassingError(Exception):
    """A required service is temporarily unavailable; a retry may succeed."""


class ResourceExhaustedError(Exception):
    """The task needs more memory than is currently free; a retry may succeed."""
