"""The leader's log: a line for each thing it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from scheduler.dispatch.hooks import DispatchHook
from shared import telemetry
from shared.broker.publisher import Message
from shared.db.dispatch import Ready
from shared.db.events import Fact

log = telemetry.logger("novacron.scheduler")

MOST_NAMED = 5
"""More jobs in one line are counted."""


class LogLines(DispatchHook):
    """Write what happens into the log."""

    def on_lead(self) -> None:
        """Say that this scheduler leads."""
        log.info("leader_gained")

    def on_lead_lost(self, cause: str) -> None:
        """Say why it leads no longer."""
        log.warning("leader_lost", cause=cause.strip())

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Say what was put on which queues."""
        counts = Counter(task.queue for task in ready)
        jobs = list(dict.fromkeys(task.job_id for task in ready))
        log.info(
            "dispatched",
            tasks=len(ready),
            messages=len(messages),
            queues=",".join(f"{queue}:{count}" for queue, count in counts.items()),
            jobs=",".join(jobs) if len(jobs) <= MOST_NAMED else len(jobs),
        )

    def on_rescue(self, n_tasks: int) -> None:
        """Say how many tasks were reclaimed."""
        log.warning("rescued", tasks=n_tasks, cause="their leases ran out")

    def on_resend(self, n_tasks: int) -> None:
        """Say how many tasks are sent again."""
        log.warning("resent", tasks=n_tasks, cause="their messages were lost")

    def on_timeout(self, job_id: str, tenant_id: int) -> None:
        """Say which job's time is over."""
        log.info("timed_out", job=job_id, tenant_id=tenant_id)

    def on_parted(self, n_jobs: int) -> None:
        """Say how many jobs go on by themselves."""
        log.info("parted", jobs=n_jobs)

    def on_fact(self, fact: Fact) -> None:
        """Say what happened to a job."""
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
        """Say how much happened."""
        log.info("many", **counts)
