"""The outbox relay: ready rows become messages, after the commit that made them queued."""

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
"""Cheap tasks at hand are cut into at least this many messages, so that several workers share them."""
MOST_NAMED = 5
"""More jobs of one message are counted."""


def pack(ready: Sequence[Ready], *, chunk: bool = True) -> list[Message]:
    """Messages for these tasks, in order; cheap neighbours of one queue share a message.

    A task that failed before travels alone: should it take its worker with it once more, nobody else is lost.
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
    """Moves tasks from ready to the broker; used by one thread.

    Args:
        publisher: the way to the broker.
        chunk: whether cheap tasks share a message.
        named: whether messages say which jobs they are of, for people who watch the broker.
        hooks: told what is published.
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
        """Take what there is room for, commit, publish; what the broker refuses goes back to ready.

        Raises:
            OSError: the broker is away; nothing is lost.
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
        """Put back tasks queued for this long whose message is neither on the broker nor was ever claimed.

        Raises:
            OSError: the broker is away; nothing is lost.
        """
        lost = 0
        for queue, overdue in rescue.overdue_messages(connection, older_than_s).items():
            gone = set(overdue) - self._publisher.waiting(queue)
            lost += rows.put_back(connection, gone, cause="its message was lost") if gone else 0
        return lost


def named(messages: Sequence[Message], titles: Mapping[int, Title]) -> list[Message]:
    """The messages with the kind, operation and job of their tasks on them."""
    return [
        replace(one, title=_title([titles[task] for task, _ in one.tasks if task in titles]))
        for one in messages
    ]


def _title(titles: Sequence[Title]) -> tuple[str, str] | None:
    """What a message is called and of which jobs it is; a chunk is called after its first task."""
    if not titles:
        return None
    name = f"{titles[0].kind}/{titles[0].operation}"
    jobs = list(dict.fromkeys(title.job_id for title in titles))
    return name, " ".join(jobs[:MOST_NAMED]) + (
        f" and {len(jobs) - MOST_NAMED} more" if jobs[MOST_NAMED:] else ""
    )


def _pairs(messages: Iterable[Message]) -> list[tuple[int, int]]:
    return [pair for message in messages for pair in message.tasks]
