"""Job events, reported to the leader's hooks with a short delay: individually, or as counts."""

from __future__ import annotations

import time
from collections import deque

from scheduler.dispatch.hooks import DispatchHook
from shared.db import events
from shared.db.session import Connection
from shared.hooks import is_heard

LAG_S = 1.5
"""Delay in seconds: events are numbered before they commit; after this time all lower numbers are visible."""
MOST = 100
"""Above this many facts at a time only counts are reported: logging must not delay the loop."""


class Chronicle:
    """Follows the events of all jobs; a new leader starts with the events after its election.

    Args:
        hooks: receive the events.
    """

    def __init__(self, hooks: DispatchHook) -> None:
        self._hooks = hooks
        self._told: int | None = None
        self._newest: deque[tuple[float, int]] = deque()

    def tell(self, connection: Connection) -> None:
        """Report the events since the last call, except those younger than `LAG_S`."""
        if not is_heard(self._hooks, "on_fact"):
            return
        now, newest = time.monotonic(), events.newest(connection)
        self._newest.append((now, newest))
        after = until = newest if self._told is None else self._told
        while self._newest and self._newest[0][0] <= now - LAG_S:
            until = self._newest.popleft()[1]
        self._told = until
        if after >= until:
            return
        found = events.facts(connection, after, until, limit=MOST + 1)
        if len(found) > MOST:
            self._hooks.on_many_facts(events.counted(connection, after, until))
            return
        for fact in found:
            self._hooks.on_fact(fact)
