"""What the leader does, counted as it does it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from scheduler.dispatch.hooks import DispatchHook
from shared.broker.publisher import Message
from shared.db.dispatch import Ready
from shared.db.rescue import Lost
from shared.metrics.tally import TALLY


class Counts(DispatchHook):
    """Add what happens to the tally of the process."""

    def __init__(self) -> None:
        self._begun_s = 0.0

    def on_lead(self) -> None:
        """Show counters from 0 on: `rate` does not see the count with which one appears."""
        for name in ("novacron_lease_rescues_total", "novacron_messages_resent_total"):
            TALLY.add(name, 0.0)
        TALLY.put("novacron_broker_up", 1.0)

    def before_take(self) -> None:
        """Look at the clock."""
        self._begun_s = time.perf_counter()

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Look again."""
        TALLY.observe("novacron_dispatch_seconds", time.perf_counter() - self._begun_s)

    def on_broker(self, reached: bool) -> None:
        """Say whether the broker is there."""
        TALLY.put("novacron_broker_up", float(reached))

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        """Count reclaimed tasks, and observe how long ago their leases had expired."""
        for one in lost:
            TALLY.observe("novacron_rescue_delay_seconds", one.overdue_s)
        TALLY.add("novacron_lease_rescues_total", len(lost))

    def on_resend(self, n_tasks: int) -> None:
        """Count them."""
        TALLY.add("novacron_messages_resent_total", n_tasks)
