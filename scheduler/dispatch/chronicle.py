"""What happens to jobs, told in the leader's log a moment later: a line for each fact, or for many."""

from __future__ import annotations

import logging
import time
from collections import deque

from shared import telemetry
from shared.db import events
from shared.db.events import Fact
from shared.db.session import Connection

log = logging.getLogger("novacron.scheduler")

LAG_S = 1.5
"""Events get their numbers before they are committed: those given out this long ago are all there."""
MOST = 100
"""More facts at a time are counted, not listed: the log must not hold up who writes it."""


class Chronicle:
    """Follows the events of all jobs; a new leader begins with what comes then."""

    def __init__(self) -> None:
        self._told: int | None = None
        self._newest: deque[tuple[float, int]] = deque()

    def tell(self, connection: Connection) -> None:
        """Log what has happened since the last call, but for the last moment."""
        now = time.monotonic()
        self._newest.append((now, events.newest(connection)))
        until = None
        while self._newest and self._newest[0][0] <= now - LAG_S:
            until = self._newest.popleft()[1]
        if until is None:
            return
        after, self._told = self._told, until
        if after is None or after >= until or not log.isEnabledFor(logging.INFO):
            return
        found = events.facts(connection, after, until, limit=MOST + 1)
        if len(found) > MOST:
            log.info(telemetry.line("many", **events.counted(connection, after, until)))
            return
        for fact in found:
            log.info(_line(fact))


def _line(fact: Fact) -> str:
    body = fact.body
    if fact.type == "placement":
        return telemetry.line(
            "planned", job=fact.job_id, queue=body.get("queue"), backend=body.get("backend"),
            granularity=body.get("granularity"),
        )  # fmt: skip
    status = body.get("status")
    if status == "queued":
        return telemetry.line(
            "submitted", job=fact.job_id, kind=fact.kind, tenant=fact.tenant, cause=body.get("cause")
        )
    return telemetry.line(
        str(status), job=fact.job_id, kind=fact.kind, took_s=fact.took_s, error=fact.error_class,
        cause=body.get("cause"),
    )  # fmt: skip
