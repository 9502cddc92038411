"""Steps that change nothing for a kind of target: they only verify something, or do nothing."""

from __future__ import annotations

from novacron.migration.planned_step import PlannedStep
from shared.db.crypto.needs import Need
from workers.crypto.migration.action import Checkpoint, Evidence, Pace


class Still:
    """Base class of actions: changes nothing; subclasses override the parts they need."""

    def lines(self) -> list[str]:
        """Return no lines."""
        return []

    def needs(self) -> list[Need]:
        """Return no needs."""
        return []

    def capture(self) -> Checkpoint:
        """Record nothing."""
        return {}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Do nothing."""

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Return no evidence."""
        return {}

    def restore(self, before: Checkpoint) -> list[str]:
        """Do nothing."""
        return []

    def tell(self, before: Checkpoint) -> None:
        """Do nothing."""

    def conclude(self, before: Checkpoint) -> None:
        """Do nothing."""

    def tidy(self, before: Checkpoint) -> None:
        """Do nothing."""


class ByHand(Still):
    """A component without a declared target: it is changed manually and confirmed.

    Args:
        step: as specified by the plan.
        component: its name.
    """

    def __init__(self, step: PlannedStep, component: str) -> None:
        self._step = step
        self._component = component

    def lines(self) -> list[str]:
        """Describe the manual change."""
        return [
            f"by hand, {self._component}: {text}"
            for text in self._step.get("actions") or [self._step["name"]]
        ]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Return the confirmation."""
        return {"confirmed": True}
