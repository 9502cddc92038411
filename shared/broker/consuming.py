"""How workers consume messages from Redis: without acknowledgement, prefetching behind cheap tasks."""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from celery.worker import state
from celery.worker.request import Request


class Unacknowledged(Request):  # type: ignore[misc]
    """A message that Redis deleted when it was fetched; acknowledging it would cost another round trip."""

    def __init__(self, message: Any, **named: Any) -> None:
        super().__init__(message, **named)
        # The name shown by Celery events, and hence by Flower: every message runs the same Celery task.
        if title := message.headers.get("title"):
            self.name = str(title)

    def acknowledge(self) -> None:
        """Mark the message as accepted."""
        self.acknowledged = True

    @property
    def cheap(self) -> bool:
        """Whether its tasks are expected to finish at once."""
        return bool(self.message.headers.get("cheap"))


class Appetite(bootsteps.StartStopStep):  # type: ignore[misc]
    """Fetches a message when a child is idle or is about to be.

    A message prefetched behind a long task would wait while another worker is idle. Behind a cheap task it
    waits only briefly, and the child does not wait for Redis.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: Any) -> None:
        """Start fetching; called on every new connection to the broker."""
        consumer.task_consumer.channel.qos.can_consume = lambda: self._hungry(consumer.pool.num_processes)

    @staticmethod
    def _hungry(slots: int) -> bool:
        held = len(state.reserved_requests)
        return held < slots or held < slots + min(
            slots, sum(request.cheap for request in state.reserved_requests)
        )
