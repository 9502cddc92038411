"""The outbox relay: ready rows become messages, after the commit that made them queued."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import groupby

from shared.broker import Message, Publisher
from shared.db import dispatch as rows
from shared.db import rescue
from shared.db.completion import CHEAP_S
from shared.db.dispatch import Ready
from shared.db.session import Connection
from shared.queues import QUEUES

log = logging.getLogger("novacron.scheduler")

SPREAD = 4
"""Cheap tasks at hand are cut into at least this many messages, so that several workers share them."""


def pack(ready: Sequence[Ready], *, chunk: bool = True) -> list[Message]:
    """Messages for these tasks, in order; cheap neighbours of one queue share a message."""
    messages: list[Message] = []
    for (queue, cheap), group in groupby(ready, key=lambda task: (task.queue, task.cost_s <= CHEAP_S)):
        pairs = [(task.task_id, task.attempt) for task in group]
        most = QUEUES[queue].chunk if cheap and chunk else 1
        size = max(1, min(most, -(-len(pairs) // SPREAD)))
        messages += [Message(queue, pairs[start : start + size]) for start in range(0, len(pairs), size)]
    return messages


class Dispatcher:
    """Moves tasks from ready to the broker; used by one thread."""

    def __init__(self, publisher: Publisher, *, chunk: bool = True) -> None:
        self._publisher = publisher
        self._chunk = chunk

    def run_once(self, connection: Connection) -> int:
        """Take what there is room for, commit, publish; what the broker refuses goes back to ready.

        Raises:
            OSError: the broker is away; nothing is lost.
        """
        ready = rows.take(connection, QUEUES.values())
        if not ready:
            return 0
        messages = pack(ready, chunk=self._chunk)
        try:
            self._publisher.publish(messages)
        except OSError:
            rows.put_back(connection, _pairs(messages), cause="the broker could not be reached")
            raise
        return len(ready)

    def find_lost(self, connection: Connection, older_than_s: float) -> int:
        """Put back tasks whose message is gone: queued for long while the broker holds fewer than it should."""
        lost = 0
        for queue, expected in rescue.waiting(connection).items():
            if self._publisher.depth(queue) < expected:
                overdue = rescue.overdue_messages(connection, queue, older_than_s)
                lost += rows.put_back(connection, overdue, cause="its message was lost") if overdue else 0
        return lost


def _pairs(messages: Iterable[Message]) -> list[tuple[int, int]]:
    return [pair for message in messages for pair in message.tasks]
