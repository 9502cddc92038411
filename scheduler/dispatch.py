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
CHUNK_S = 0.05
"""Expected work in one message of several tasks."""


def pack(ready: Sequence[Ready], *, chunk: bool = True) -> list[Message]:
    """Messages for these tasks, in order; cheap neighbours of one queue share a message.

    A task that failed before travels alone: should it take its worker with it once more, nobody else is lost.
    """

    def kind(task: Ready) -> tuple[str, bool]:
        return task.queue, task.cost_s <= CHEAP_S and not task.failures

    messages: list[Message] = []
    for (queue, cheap), group in groupby(ready, key=kind):
        pairs = [(task.task_id, task.attempt) for task in group]
        most = QUEUES[queue].chunk if cheap and chunk else 1
        size = max(1, min(most, -(-len(pairs) // SPREAD)))
        messages += [Message(queue, pairs[at : at + size], cheap) for at in range(0, len(pairs), size)]
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
        self._publisher.connect()
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
        """Put back tasks queued for this long whose message is neither on the broker nor was ever claimed.

        Raises:
            OSError: the broker is away; nothing is lost.
        """
        lost = 0
        for queue, overdue in rescue.overdue_messages(connection, older_than_s).items():
            gone = set(overdue) - self._publisher.waiting(queue)
            lost += rows.put_back(connection, gone, cause="its message was lost") if gone else 0
        return lost


def _pairs(messages: Iterable[Message]) -> list[tuple[int, int]]:
    return [pair for message in messages for pair in message.tasks]
