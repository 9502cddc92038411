"""How a worker takes messages from Redis: unacknowledged, and cheap ones ahead of its children."""

from __future__ import annotations

from typing import Any

from celery import bootsteps
from celery.worker import state
from celery.worker.request import Request


class Unacknowledged(Request):  # type: ignore[misc]
    """A message that Redis forgot when it was fetched; telling it so again would cost a round trip."""

    def __init__(self, message: Any, **named: Any) -> None:
        super().__init__(message, **named)
        # What events call it, and with them Flower: every message runs the one task there is.
        if title := message.headers.get("title"):
            self.name = str(title)

    def acknowledge(self) -> None:
        """Remember that the message was accepted."""
        self.acknowledged = True

    @property
    def cheap(self) -> bool:
        """Whether its tasks are expected to be over in a moment."""
        return bool(self.message.headers.get("cheap"))


class Appetite(bootsteps.StartStopStep):  # type: ignore[misc]
    """Fetches when a child is idle, or will be in a moment.

    A message fetched behind a long task would wait there while another worker is idle. Behind a cheap one it
    waits for a moment, and its child need not wait for Redis.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: Any) -> None:
        """Called on every new connection to the broker."""
        consumer.task_consumer.channel.qos.can_consume = lambda: self._hungry(consumer.pool.num_processes)

    @staticmethod
    def _hungry(slots: int) -> bool:
        held = len(state.reserved_requests)
        return held < slots or held < slots + min(
            slots, sum(request.cheap for request in state.reserved_requests)
        )
