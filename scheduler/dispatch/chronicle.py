"""What happens to jobs, told to the leader's hooks a moment later: each fact, or how many there were."""

from __future__ import annotations

import time
from collections import deque

from scheduler.dispatch.hooks import DispatchHook
from shared.db import events
from shared.db.session import Connection
from shared.hooks import is_heard

LAG_S = 1.5
"""Events get their numbers before they are committed: those given out this long ago are all there."""
MOST = 100
"""More facts at a time are counted, not listed: a log must not hold up who writes it."""


class Chronicle:
    """Follows the events of all jobs; a new leader begins with what comes then.

    Args:
        hooks: told what happens.
    """

    def __init__(self, hooks: DispatchHook) -> None:
        self._hooks = hooks
        self._told: int | None = None
        self._newest: deque[tuple[float, int]] = deque()

    def tell(self, connection: Connection) -> None:
        """Tell what has happened since the last call, but for the last moment."""
        if not is_heard(self._hooks, "on_fact"):
            return
        now = time.monotonic()
        self._newest.append((now, events.newest(connection)))
        until = None
        while self._newest and self._newest[0][0] <= now - LAG_S:
            until = self._newest.popleft()[1]
        if until is None:
            return
        after, self._told = self._told, until
        if after is None or after >= until:
            return
        found = events.facts(connection, after, until, limit=MOST + 1)
        if len(found) > MOST:
            self._hooks.on_many_facts(events.counted(connection, after, until))
            return
        for fact in found:
            self._hooks.on_fact(fact)
