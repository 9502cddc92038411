"""Metrics of the leader's actions, recorded as they happen."""

from __future__ import annotations

import time
from collections.abc import Sequence

from scheduler.dispatch.hooks import DispatchHook
from shared.broker.publisher import Message
from shared.db.dispatch import Ready
from shared.db.rescue import Lost
from shared.metrics.tally import TALLY


class Counts(DispatchHook):
    """Hook that records the leader's actions in the tally of the process."""

    def __init__(self) -> None:
        self._begun_s = 0.0

    def on_lead(self) -> None:
        """Initialize counters to 0: `rate` ignores the value with which a series first appears."""
        for name in ("novacron_lease_rescues_total", "novacron_messages_resent_total"):
            TALLY.add(name, 0.0)
        TALLY.put("novacron_broker_up", 1.0)

    def before_take(self) -> None:
        """Start the timer of a dispatch round."""
        self._begun_s = time.perf_counter()

    def after_publish(self, ready: Sequence[Ready], messages: Sequence[Message]) -> None:
        """Observe the duration of a dispatch round."""
        TALLY.observe("novacron_dispatch_seconds", time.perf_counter() - self._begun_s)

    def on_broker(self, reached: bool) -> None:
        """Record whether the broker is reachable."""
        TALLY.put("novacron_broker_up", float(reached))

    def on_rescue(self, lost: Sequence[Lost]) -> None:
        """Count reclaimed tasks, and observe the time since their leases expired."""
        for one in lost:
            TALLY.observe("novacron_rescue_delay_seconds", one.overdue_s)
        TALLY.add("novacron_lease_rescues_total", len(lost))

    def on_resend(self, n_tasks: int) -> None:
        """Count republished tasks."""
        TALLY.add("novacron_messages_resent_total", n_tasks)
