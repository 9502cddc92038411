"""Why a step may not begin yet: approval is missing, its date has not come, or it is not requested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from novacron.specs.crypto.migration import ExecuteMigration
from shared.crypto.step_kinds import STEP_KINDS
from shared.db.crypto.steps import StepRow

BOTH = "old and new are both accepted"
"""Purpose of the observation period after most steps."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a step waits for.

    Attributes:
        why: description, with what to do about it.
        until: its date, if nothing else is missing.
    """

    why: str
    until: datetime | None = None


def reason(
    row: StepRow,
    rows: Sequence[StepRow],
    spec: ExecuteMigration,
    *,
    by_hand: Sequence[str],
    confirmed: bool,
    at: datetime,
) -> Wait | None:
    """Return what a step waits for; None if it may begin.

    Args:
        row: the step.
        rows: all steps of the plan.
        spec: the job.
        by_hand: its components that are changed manually.
        confirmed: whether the manual changes were confirmed.
        at: now, by the database's clock.
    """
    until = next((one for one in rows if one.step_id == spec.until), None)
    if until and row.position > until.position:
        return Wait(f"this execution ends with {until.step_id}")
    day, why = earliest(row, rows)
    early = day > at and not spec.now
    if row.step["point_of_no_return"] and not spec.approve_retire:
        when = f", from {_words(day)} on: {why}" if early else ""
        return Wait(f"this step is irreversible: execute again with --approve-retire{when}")
    if early:
        again = "goes on by itself" if spec.unattended else "execute again"
        return Wait(f"{why}: {again} from {_words(day)} on, or execute again with --now", day)
    if by_hand and not confirmed:
        return Wait(f"change {', '.join(by_hand)} by hand, then execute again with --confirm {row.step_id}")
    return None


def earliest(row: StepRow, rows: Sequence[StepRow]) -> tuple[datetime, str]:
    """Return when a step may begin, and why: the plan's date of a `retire`, or days after other steps."""
    found = [(datetime.min.replace(tzinfo=UTC), "")]
    if row.step["point_of_no_return"] and (starts := row.step.get("starts")):
        day = datetime.fromisoformat(starts).replace(tzinfo=UTC)
        found.append((day, f"the plan retires this on {starts}"))
    gaps = row.step.get("gaps") or {}
    for one in rows:
        if one.finished_at and (days := gaps.get(one.step_id)):
            why = f"{STEP_KINDS[one.step['type']].watched or BOTH} for {days} days after {one.step_id}"
            found.append((one.finished_at + timedelta(days=days), why))
    return max(found)


def _words(day: datetime) -> str:
    return f"{day.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def due(rows: Sequence[StepRow]) -> set[str]:
    """Return the ids of steps that are due: all their dependencies are done, and they are not."""
    done = {row.step_id for row in rows if row.state == "done"}
    return {
        row.step_id for row in rows if row.step_id not in done and done.issuperset(row.step["dependencies"])
    }
