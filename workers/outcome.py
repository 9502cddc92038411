"""What an operation can come to: values for what is expected, exceptions for what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    payload: Mapping[str, Any] = field(default_factory=dict)


Outcome = Done | Expand | Snooze


class Stopped(Exception):  # noqa: N818 - an interruption, not an error
    """The task was cancelled, or its lease was lost: stop now, record nothing."""


class UserError(Exception):
    """The job cannot succeed as it was asked for; retrying would not help."""


class ResourceExhaustedError(Exception):
    """The task needs more memory than there is here now; another try may find more."""
