"""A plan for a whole rig, killed before every effect, rolled back and executed again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from novacron.migration.planned_step import PlannedStep
from novacron.migration.requests import PlanRequest
from scheduler.pqc.migration import policies
from scheduler.pqc.migration.plan import plan
from shared.db import session
from shared.db.crypto.steps import Holder
from testing.faults.killed import Fuse, apart
from testing.migration.plans import Migration
from testing.migration.rig import Rig
from workers.crypto.migration import binding, step

POLICY = "general"
MOST_EFFECTS = 200
"""A step with more effects is considered endless."""


@dataclass
class Campaign:
    """One plan, with each step in a separate process.

    Attributes:
        url: URL of the database.
        rig: the services.
        kills: kind of component -> killed processes, by their current operation.
    """

    url: str
    rig: Rig
    kills: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = PlanRequest(
            policy=policies.load()[POLICY],
            components=self.rig.components(),
            timeline="5 years",
            risk_tolerance="high",
        )
        self.plan = plan(wanted, "plan_rig", datetime.now(UTC)).model_dump(mode="json")
        self.steps: list[PlannedStep] = self.plan["steps"]

    @property
    def n_kills(self) -> int:
        """Number of killed processes."""
        return sum(found.total() for found in self.kills.values())

    def rehearse(self) -> int:
        """Run the dry run; return its number of lines."""
        with session.connect(self.url, name="rehearsal") as connection:
            held = self._migration(connection)
            actions = [binding.actions(held.holder, one, held.targets) for one in self.steps]
            return sum(len(action.lines()) for found in actions for action in found.values())

    def forwards(self, *, killed: bool, retire: bool) -> float:
        """Execute the plan, from any state; return the seconds it took.

        Args:
            killed: whether a process is killed before each effect of each step.
            retire: whether the retiring steps are executed; else only those before them.
        """
        began = time.monotonic()
        for one in self.steps:
            if one["type"] != "retire" or retire:
                self._done(one, "forwards", self._performing(one["id"]), killed)
        return time.monotonic() - began

    def backwards(self, *, killed: bool) -> float:
        """Roll back everything; return the seconds it took."""
        began = time.monotonic()
        for one in reversed(self.steps):
            self._done(one, "backwards", self._undoing(one["id"]), killed)
        return time.monotonic() - began

    def states(self) -> Counter[str]:
        """Count the steps in each state."""
        with session.connect(self.url, name="looking") as connection:
            return Counter(row.state for row in self._migration(connection).holder.rows())

    def _done(self, one: PlannedStep, what: str, work: Callable[[], None], killed: bool) -> None:
        for n in count():
            survived = apart(work, Fuse(n) if killed else None)
            self._serve(one["components"])
            if survived:
                return
            if n > MOST_EFFECTS:
                raise AssertionError(f"step {one['id']} never ends")
            kind = str(self.rig.services[one["components"][0]].component["kind"])
            self.kills.setdefault(kind, Counter())[what] += 1

    def _serve(self, names: Iterable[str]) -> None:
        for name in names:
            self.rig.services[name].serves()

    def _performing(self, step_id: str) -> Callable[[], None]:
        def work() -> None:
            with session.connect(self.url, name="migration") as connection:
                self._migration(connection).perform(step_id)

        return work

    def _undoing(self, step_id: str) -> Callable[[], None]:
        def work() -> None:
            with session.connect(self.url, name="rollback") as connection:
                held = self._migration(connection)
                row = held.holder.read(step_id)
                step.undo(held.holder, row, binding.actions(held.holder, row.step, held.targets))

        return work

    def _migration(self, connection: session.Connection) -> Migration:
        holder = Holder(connection, self.plan["plan_id"], 1, "job_rig", "rig")
        holder.hold(self.steps, state="running")
        return Migration(holder, self.steps, self.rig.targets())
