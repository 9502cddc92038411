"""What may attach to the leader's work: dispatch, rescue, and the facts of jobs' lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.broker.publisher import Message
from shared.db.dispatch import Ready
from shared.db.events import Fact
from shared.db.rescue import Lost


class DispatchHook:
    """The points of a leader; called in the thread of its loop, so they have to be quick."""

    def on_lead(self) -> None:
        """This scheduler leads from now on."""

    def on_lead_lost(self, cause: str) -> None:
        """It leads no longer."""

    def before_plan(self) -> None:
        """The leader is about to look for jobs whose dependencies have completed; mostly it finds none."""

    def after_plan(self, job_ids: Sequence[str]) -> None:
        """These jobs were planned."""

    def before_take(self) -> None:
        """The leader looks for tasks that are ready; most looks find none."""

    def before_publish(self, messages: Sequence[Message]) -> None:
        """Tasks are queued in the database, and their messages are about to go to the broker."""

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """The broker has the messages of these tasks."""

    def on_broker(self, reached: bool) -> None:
        """A round of dispatch has ended, and the broker was reached in it or not."""

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        """The tasks of these attempts were reclaimed, since their leases had expired."""

    def on_resend(self, n_tasks: int) -> None:
        """So many tasks whose messages were lost are ready again."""

    def on_timeout(self, job_id: str, tenant_id: int) -> None:
        """A job of this tenant was ended because its time is over."""

    def on_parted(self, n_jobs: int) -> None:
        """So many jobs that shared the work of one that ended otherwise go on by themselves."""

    def on_fact(self, fact: Fact) -> None:
        """Something happened to a job up to two seconds ago: accepted, planned, retried, cancelled, ended."""

    def on_many_facts(self, counts: Mapping[str, int]) -> None:
        """So much happened at once that it was counted, by status, in place of being told fact by fact."""
