"""The outbox relay: publishes queued tasks as messages after the commit that queued them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from scheduler.dispatch.hooks import DispatchHook
from shared.broker.publisher import Message, Publisher
from shared.db import dispatch as rows
from shared.db import rescue
from shared.db.completion import CHEAP_S
from shared.db.dispatch import Ready, Title
from shared.db.session import Connection
from shared.queues import QUEUES

SPREAD = 4
"""Cheap tasks are split into at least this many messages, so that several workers share them."""
MOST_NAMED = 5
"""Largest number of jobs named on one message; the rest are counted."""


def pack(ready: Sequence[Ready], *, chunk: bool = True) -> list[Message]:
    """Return the messages for these tasks, in order; cheap neighbours of one queue share a message.

    A task that has failed before gets a message of its own, so that a repeated worker crash affects no other
    task.
    """

    def kind(task: Ready) -> tuple[str, bool]:
        return task.queue, task.cost_s <= CHEAP_S and not task.failures

    messages: list[Message] = []
    for (queue, cheap), group in groupby(ready, key=kind):
        tasks = list(group)
        most = QUEUES[queue].chunk if cheap and chunk else 1
        size = max(1, min(most, -(-len(tasks) // SPREAD)))
        messages += [_message(queue, tasks[at : at + size], cheap) for at in range(0, len(tasks), size)]
    return messages


def _message(queue: str, tasks: Sequence[Ready], cheap: bool) -> Message:
    return Message(queue, [(task.task_id, task.attempt) for task in tasks], cheap)


class Dispatcher:
    """Moves ready tasks to the broker; used by one thread.

    Args:
        publisher: connection to the broker.
        chunk: whether cheap tasks share a message.
        named: whether messages carry the ids of their jobs, for people who monitor the broker.
        hooks: observe what is published.
    """

    def __init__(
        self, publisher: Publisher, *, chunk: bool = True, named: bool = False,
        hooks: DispatchHook | None = None,
    ) -> None:  # fmt: skip
        self._publisher = publisher
        self._chunk = chunk
        self._named = named
        self._hooks = hooks or DispatchHook()

    def run_once(self, connection: Connection) -> int:
        """Claim ready tasks up to the queues' free capacity, commit, and publish.

        Tasks that the broker refuses become ready again.

        Raises:
            OSError: the broker is unavailable; nothing is lost.
        """
        self._publisher.connect()
        self._hooks.before_take()
        ready = rows.take(connection, QUEUES.values())
        if not ready:
            return 0
        messages = pack(ready, chunk=self._chunk)
        if self._named:
            messages = named(messages, rows.titles(connection, [task.task_id for task in ready]))
        self._hooks.before_publish(messages)
        try:
            self._publisher.publish(messages)
        except OSError:
            rows.put_back(connection, _pairs(messages), cause="the broker could not be reached")
            raise
        self._hooks.after_publish(ready, messages)
        return len(ready)

    def find_lost(self, connection: Connection, older_than_s: float) -> int:
        """Make queued tasks ready again whose messages were lost.

        A message counts as lost when it is neither on the broker nor was ever claimed after this long.

        The broker is pinged where there is nothing to look for, too, so that its loss is noticed before the
        next job.

        Raises:
            OSError: the broker is unavailable; nothing is lost.
        """
        self._publisher.ping()
        lost = 0
        for queue, overdue in rescue.overdue_messages(connection, older_than_s).items():
            gone = set(overdue) - self._publisher.waiting(queue)
            lost += rows.put_back(connection, gone, cause="its message was lost") if gone else 0
        return lost


def named(messages: Sequence[Message], titles: Mapping[int, Title]) -> list[Message]:
    """Return the messages with the kind, operation and job of their tasks in the headers."""
    return [
        replace(one, title=_title([titles[task] for task, _ in one.tasks if task in titles]))
        for one in messages
    ]


def _title(titles: Sequence[Title]) -> tuple[str, str] | None:
    """Return a message's title and its jobs; a chunk takes the title of its first task."""
    if not titles:
        return None
    name = f"{titles[0].kind}/{titles[0].operation}"
    jobs = list(dict.fromkeys(title.job_id for title in titles))
    return name, " ".join(jobs[:MOST_NAMED]) + (
        f" and {len(jobs) - MOST_NAMED} more" if jobs[MOST_NAMED:] else ""
    )


def _pairs(messages: Iterable[Message]) -> list[tuple[int, int]]:
    return [pair for message in messages for pair in message.tasks]
