"""Plans as sequences of steps, executed in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from novacron.migration.planned_step import PlannedStep
from shared.db.crypto.steps import Holder
from workers.crypto.migration import binding, step
from workers.crypto.migration.targets import Target


def planned(*types: str, component: str, old: str, new: str, **more: Any) -> list[PlannedStep]:
    """Return the steps of a plan for one component, in sequence."""
    return [
        cast(PlannedStep, {
            "id": f"s{number:02}", "name": f"{kind} {component}", "type": kind,
            "dependencies": [f"s{number - 1:02}"] if number > 1 else [], "components": [component],
            "targets": {}, "algorithm": {"from": old, "to": new}, "estimated_time_s": 5.0, "actions": [],
            "canary": 0.25 if kind == "canary" else None, "point_of_no_return": kind == "retire",
            "reversible": kind != "retire", **more,
        })
        for number, kind in enumerate(types, 1)
    ]  # fmt: skip


@dataclass
class Migration:
    """A plan held by one job."""

    holder: Holder
    steps: Sequence[PlannedStep]
    targets: Mapping[str, Target]

    def begin(self) -> None:
        self.holder.hold(self.steps, state="running")

    def perform(self, step_id: str) -> Any:
        row = self.holder.read(step_id)
        return step.perform(
            self.holder, row, binding.actions(self.holder, row.step, self.targets), lambda: None
        )

    def run(self, *step_ids: str) -> None:
        for step_id in step_ids or [one["id"] for one in self.steps]:
            self.perform(step_id)

    def undo(self) -> list[str]:
        return [
            line
            for row in reversed(self.holder.rows())
            for line in step.undo(
                self.holder, row, binding.actions(self.holder, row.step, self.targets)
            ).lines
        ]

    def states(self) -> list[str]:
        return [row.state for row in self.holder.rows()]
