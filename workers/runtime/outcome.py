"""What an operation can come to: values for what is expected, exceptions for what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from novacron.json_types import JsonObject
from shared.tasks import TaskSpec


@dataclass(frozen=True, slots=True)
class Done:
    """The task is finished with this JSON value."""

    value: Any = None


@dataclass(frozen=True, slots=True)
class Expand:
    """The task is replaced by these tasks: whoever waited for it waits for the last of them."""

    tasks: Sequence[TaskSpec]


@dataclass(frozen=True, slots=True)
class Snooze:
    """Run the task again after a delay, with this payload; no worker slot waits meanwhile."""

    delay_s: float
    payload: JsonObject = field(default_factory=dict)


Outcome = Done | Expand | Snooze


class Stopped(Exception):  # noqa: N818 - an interruption, not an error
    """The task was cancelled, or its lease was lost: stop now, record nothing."""


class UserError(Exception):
    """The job cannot succeed as it was asked for; retrying would not help.

    Args:
        message: what is wrong.
        hint: the cure.
    """

    code: str | None = None
    """Narrower than `refused`, the code of the failure that is kept."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class OverflowedError(UserError):
    """The job's own numbers leave the range of double precision (about 1e-308 to 1e308) on the way."""

    code = "overflow"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="scale the numbers of the job, so that none is this large or small")


class FunctionError(UserError):
    """A function of an installed package broke; the package's own exception is the cause."""

    code = "function_failed"


class UnstorableError(UserError):
    """What the task came to cannot be kept: it is too large, or PostgreSQL has no form for it."""

    code = "unstorable"


class OutdatedError(UserError):
    """The job was accepted by another version of NovaCron, and this one does not read it."""

    code = "outdated"

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="submit it again; a refusal says what to change")


class PassingError(Exception):
    """A service that the task needs does not serve now; another try may find that it does."""


class ResourceExhaustedError(Exception):
    """The task needs more memory than there is here now; another try may find more."""
