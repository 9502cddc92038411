"""One step: checkpoint, effect, proof, completion; or rollback to the checkpoint.

The checkpoint is durable before the first effect and `done` after the last proof, so a process killed at any
point leaves a step that the next attempt resumes: effects are repeatable, and every intermediate state keeps
data readable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from novacron.errors import NovaCronError
from novacron.json_types import JsonObject
from novacron.migration.planned_step import PlannedStep
from shared.db import session
from shared.db.crypto.steps import HeldError, Holder, StepRow
from workers.crypto.migration.action import (
    Action,
    Checkpoint,
    Evidence,
    Pace,
    ProofError,
    StepBrokenError,
    StepTimeoutError,
)
from workers.runtime.outcome import Stopped, UserError

SHORTEST_LIMIT_S = 30.0
"""Minimum time limit of a step, however short its estimate."""

FORESEEN = (NovaCronError, UserError, StepTimeoutError)
"""Expected exceptions of a step's parts."""

Actions = dict[str, Action]
"""Component -> its action in the step."""
Before = Mapping[str, Checkpoint]
"""Component -> its checkpoint."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Result of restoring the state before a step.

    Attributes:
        lines: descriptions of what was restored.
        untold: why a server could not be reloaded, by component.
    """

    lines: list[str]
    untold: dict[str, str]

    def __str__(self) -> str:
        put_back = f"put back: {'; '.join(self.lines) or 'nothing was changed'}"
        failures = (f"; the server of {name} was not notified: {why}" for name, why in self.untold.items())
        return put_back + "".join(failures)

    def evidence(self) -> JsonObject:
        """Return the form stored with the step."""
        return {"restored": self.lines, **({"untold": self.untold} if self.untold else {})}


def limit_s(step: PlannedStep) -> float:
    """Return the time limit of a step: twice its estimate, seconds."""
    return max(SHORTEST_LIMIT_S, 2.0 * float(step.get("estimated_time_s") or 0.0))


def perform(holder: Holder, row: StepRow, actions: Actions, stop: Callable[[], None]) -> Any:
    """Complete a step, from wherever an earlier attempt left it; return its evidence.

    Raises:
        UserError: it failed; the message says why and what was restored.
        StepBrokenError: it failed for a reason that is not the user's.
        Stopped: the worker no longer holds the task; the next attempt resumes here.
    """
    if row.state == "done":
        _tidy(actions, row.checkpoint or {})
        return row.evidence
    before = _checkpoint(holder, row, actions)
    try:
        evidence = _carry_out(actions, before, Pace(limit_s(row.step), stop))
        with holder.connection.transaction():
            for name, action in actions.items():
                action.conclude(before[name])
            holder.finish(row.step_id, evidence)
    except (Stopped, HeldError, *session.LOST):
        raise
    except Exception as error:
        _put_back(holder, row.step_id, actions, before, error)
    _tidy(actions, before)
    return evidence


def _checkpoint(holder: Holder, row: StepRow, actions: Actions) -> Before:
    """Return the state before the step: as recorded by an earlier attempt, else the current one.

    Raises:
        UserError: it cannot begin, or something else needs what it would destroy.
    """
    if row.state == "started" and row.checkpoint is not None:
        return row.checkpoint
    try:
        if needs := [need for action in actions.values() for need in action.needs()]:
            raise UserError("; ".join(str(need) for need in needs))
        found = {name: action.capture() for name, action in actions.items()}
    except (NovaCronError, UserError, OSError) as error:
        why = f"cannot begin, and nothing was changed: {error}"
        holder.refuse(row.step_id, why)
        raise UserError(f"step {row.step_id} {why}") from error
    holder.start(row.step_id, found)
    return found


def _carry_out(actions: Actions, before: Before, pace: Pace) -> Evidence:
    for name, action in actions.items():
        pace.check()
        action.apply(before[name], pace)
    return {name: action.prove(before[name], pace) for name, action in actions.items()}


def _put_back(holder: Holder, step_id: str, actions: Actions, before: Before, error: Exception) -> None:
    """Restore the checkpoint and fail.

    Raises:
        UserError: an expected failure of the step.
        StepBrokenError: any other failure, which is its cause.
    """
    why = str(error) or type(error).__name__
    try:
        restored = restore(actions, before)
    except (Stopped, *session.LOST):
        raise
    except Exception as second:
        text = f"{why}; and what was there before could not be put back: {second}"
        holder.trouble(step_id, text)
        raise _kind(error, second)(f"step {step_id} failed: {text}") from error
    holder.fail(step_id, why, restored.evidence())
    raise _kind(error)(f"step {step_id} failed: {why}; {restored}") from error


def _kind(*errors: Exception) -> type[UserError | StepBrokenError]:
    """Return the exception type of a failed step: a UserError only for expected exceptions of its parts."""
    return UserError if all(isinstance(one, FORESEEN) for one in errors) else StepBrokenError


def restore(actions: Actions, before: Before) -> Restored:
    """Restore the state before a step, last component first; then reload the servers.

    A failed reload does not undo the restoration: both are reported.
    """
    lines = [line for name in reversed(actions) for line in actions[name].restore(before[name])]
    untold = {}
    for name in reversed(actions):
        try:
            actions[name].tell(before[name])
        except ProofError as error:
            untold[name] = str(error)
    return Restored(lines, untold)


def undo(holder: Holder, row: StepRow, actions: Actions) -> Restored:
    """Restore a step that was started or done; retry reloads of servers that failed.

    Raises:
        UserError: it could not be restored, or a server could not be reloaded; it may be retried.
        StepBrokenError: it could not be restored, for a reason that is not the user's.
    """
    if row.state not in ("started", "done") and not row.untold:
        return Restored([], {})
    try:
        restored = restore(actions, row.checkpoint or {})
    except (Stopped, *session.LOST):
        raise
    except Exception as error:
        holder.trouble(row.step_id, f"could not be put back: {error}")
        raise _kind(error)(f"step {row.step_id} could not be put back: {error}") from error
    holder.undo(row.step_id, restored.evidence())
    if restored.untold:
        raise UserError(f"step {row.step_id}: {restored}")
    return restored


def _tidy(actions: Actions, before: Before) -> None:
    for name, action in actions.items():
        action.tidy(before.get(name, {}))
