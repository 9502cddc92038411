"""The leader's log: one line for each action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scheduler.dispatch.hooks import DispatchHook
from shared import telemetry
from shared.broker.publisher import Message
from shared.db.dispatch import Ready
from shared.db.events import Fact
from shared.db.rescue import Lost

log = telemetry.logger("novacron.scheduler")

MOST_NAMED = 5
"""Largest number of jobs named in one line; the rest are counted."""


class LogLines(DispatchHook):
    """Hook that logs the leader's actions."""

    def on_lead(self) -> None:
        """Log that this scheduler became the leader."""
        log.info("leader_gained")

    def on_lead_lost(self, cause: str) -> None:
        """Log why this scheduler lost the leadership."""
        log.warning("leader_lost", cause=cause.strip())

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Log what was published on which queues."""
        counts = Counter(task.queue for task in ready)
        jobs = list(dict.fromkeys(task.job_id for task in ready))
        log.info(
            "dispatched",
            tasks=len(ready),
            messages=len(messages),
            queues=",".join(f"{queue}:{count}" for queue, count in counts.items()),
            jobs=",".join(jobs) if len(jobs) <= MOST_NAMED else len(jobs),
        )

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        """Log how many tasks were reclaimed."""
        log.warning("rescued", tasks=len(lost), cause="their leases ran out")

    def on_resend(self, n_tasks: int) -> None:
        """Log how many tasks are sent again."""
        log.warning("resent", tasks=n_tasks, cause="their messages were lost")

    def on_timeout(self, job_id: str, tenant_id: int) -> None:
        """Log which job timed out."""
        log.info("timed_out", job=job_id, tenant_id=tenant_id)

    def on_parted(self, n_jobs: int) -> None:
        """Log how many jobs were detached from the computation that they had joined."""
        log.info("parted", jobs=n_jobs)

    def on_fact(self, fact: Fact) -> None:
        """Log a job's event."""
        body = fact.body
        status = body.get("status")
        of = {"job": fact.job_id, "tenant_id": fact.tenant_id}
        if fact.type == "placement":
            log.info(
                "planned", **of, queue=body.get("queue"), backend=body.get("backend"),
                granularity=body.get("granularity"),
            )  # fmt: skip
        elif status == "queued":
            log.info("submitted", **of, kind=fact.kind, tenant=fact.tenant, cause=body.get("cause"))
        else:
            log.info(
                str(status), **of, kind=fact.kind, took_s=fact.took_s, error=fact.error_class,
                cause=body.get("cause"),
            )  # fmt: skip

    def on_many_facts(self, counts: Mapping[str, int]) -> None:
        """Log the number of events of each type."""
        log.info("many", **counts)
