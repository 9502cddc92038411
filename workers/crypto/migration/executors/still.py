"""A step in which a kind of target has nothing to change: only something to prove, or not even that."""

from __future__ import annotations

from novacron.migration.planned_step import PlannedStep
from shared.db.crypto.needs import Need
from workers.crypto.migration.action import Checkpoint, Evidence, Pace


class Still:
    """The base of actions: changes nothing; those that do override what they change."""

    def lines(self) -> list[str]:
        """Nothing."""
        return []

    def needs(self) -> list[Need]:
        """Nobody."""
        return []

    def capture(self) -> Checkpoint:
        """Nothing."""
        return {}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Nothing."""

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Nothing."""
        return {}

    def restore(self, before: Checkpoint) -> list[str]:
        """Nothing."""
        return []

    def tell(self, before: Checkpoint) -> None:
        """Nobody."""

    def conclude(self, before: Checkpoint) -> None:
        """Nothing."""

    def tidy(self, before: Checkpoint) -> None:
        """Nothing."""


class ByHand(Still):
    """A component that no target is declared for: people change it, and say so.

    Args:
        step: as the plan has it.
        component: its name.
    """

    def __init__(self, step: PlannedStep, component: str) -> None:
        self._step = step
        self._component = component

    def lines(self) -> list[str]:
        """What people do."""
        return [
            f"by hand, {self._component}: {text}"
            for text in self._step.get("actions") or [self._step["name"]]
        ]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Their word."""
        return {"confirmed": True}
