"""Hooks of the leader: planning, dispatch, recovery, and job events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.broker.publisher import Message
from shared.db.dispatch import Ready
from shared.db.events import Fact
from shared.db.rescue import Lost


class DispatchHook:
    """Base class with all hooks of the leader; called in the thread of its loop, so they must be quick."""

    def on_lead(self) -> None:
        """Called when this scheduler becomes the leader."""

    def on_lead_lost(self, cause: str) -> None:
        """Called when this scheduler is no longer the leader."""

    def before_plan(self) -> None:
        """Called before the query for jobs whose dependencies have completed; it usually finds none."""

    def after_plan(self, job_ids: Sequence[str]) -> None:
        """Called after these jobs were planned."""

    def before_take(self) -> None:
        """Called before the query for ready tasks, which usually finds none."""

    def before_publish(self, messages: Sequence[Message]) -> None:
        """Called when tasks are queued in the database, before their messages are published."""

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Called after the messages of these tasks were published."""

    def on_broker(self, reached: bool) -> None:
        """Called after a dispatch round, with whether the broker was reachable."""

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        """Called after the tasks of these attempts were reclaimed because their leases had expired."""

    def on_resend(self, n_tasks: int) -> None:
        """Called after tasks whose messages were lost were made ready again, with their number."""

    def on_timeout(self, job_id: str, tenant_id: int) -> None:
        """Called after a job of this tenant was ended because its timeout expired."""

    def on_parted(self, n_jobs: int) -> None:
        """Called after jobs coalesced with an ended job were resolved, with their number."""

    def on_fact(self, fact: Fact) -> None:
        """Called within about two seconds of a job event: accepted, planned, retried, cancelled or ended."""

    def on_many_facts(self, counts: Mapping[str, int]) -> None:
        """Called instead of `on_fact` when there are too many events at once, with their number by status."""
