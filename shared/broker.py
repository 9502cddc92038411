"""The Celery application, and publishing which tasks are ready: the only door to the broker."""

from __future__ import annotations

import base64
import json
import select
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection, Exchange, Producer
from kombu import Queue as KombuQueue
from kombu.exceptions import KombuError

from shared.queues import QUEUES
from shared.settings import load

EXECUTE = "execute"
"""The one Celery task."""

DEFAULT_EXCHANGE = Exchange("")
ROUND_TRIP = 32
"""Messages sent together: workers start on the first while the last are still being written."""
NO_CANVAS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


@dataclass(frozen=True, slots=True)
class Message:
    """What travels: the (task id, attempt) pairs that are ready, one or a chunk of cheap ones.

    Attributes:
        queue: where to.
        tasks: the pairs.
        cheap: expected to be over in a moment, so that a worker may fetch the next message meanwhile.
        title: what Celery's events call it, and the jobs it is of; workers do not go by it.
    """

    queue: str
    tasks: Sequence[tuple[int, int]]
    cheap: bool = False
    title: tuple[str, str] | None = None


class EagerConnection(Connection):  # type: ignore[misc]
    """Looks every second for a broker that went away; Kombu's own pace slows down to every 30 s."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Connect, trying again; see the class it overrides."""
        pace = {"interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}
        return super().ensure_connection(*args, **{**pace, **options})


class EagerAMQP(AMQP):  # type: ignore[misc]
    """Makes workers connect eagerly."""

    Connection = EagerConnection


def application(redis_url: str, *, events: bool = False) -> Celery:
    """Celery as transport only: JSON, no results, no canvas, no acknowledgements.

    A message says that a row is ready, and the row says who has it: a worker that dies is noticed by its
    lease, a lost message by its row. Acknowledging to Redis as well would double what a message costs and
    bring back every task that runs longer than the visibility time-out.
    """
    app = Celery("novacron", broker=redis_url, amqp=EagerAMQP)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        task_ignore_result=True,
        task_default_queue="cpu-sim",
        task_create_missing_queues=False,
        task_queues=[_queue(name) for name in QUEUES],
        worker_prefetch_multiplier=1,
        worker_send_task_events=events,
        task_send_sent_event=events,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=events,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_keepalive": True,
            "socket_connect_timeout": 5,
            "socket_timeout": 10,
            "health_check_interval": 5,
        },
    )
    return app


def _queue(name: str) -> KombuQueue:
    """A queue under its own name alone; Celery would else call all of them after the first one."""
    return KombuQueue(name, Exchange(name, type="direct"), routing_key=name, no_ack=True)


class Publisher:
    """Puts messages on the broker, many in one round trip; one publisher per thread."""

    def __init__(self, redis_url: str) -> None:
        self._connection = EagerConnection(
            redis_url,
            transport_options={"socket_connect_timeout": 3, "socket_timeout": 5, "socket_keepalive": True},
        )
        self._producer: Producer | None = None

    def connect(self) -> None:
        """Have a connection, so that what is taken from the database can be published.

        Raises:
            OSError: the broker cannot be reached.
        """
        if self._producer is None:
            with self._failing():
                self._connection.ensure_connection(max_retries=0)
                self._producer = Producer(
                    self._connection.channel(), exchange=DEFAULT_EXCHANGE, auto_declare=False
                )

    def publish(self, messages: Sequence[Message]) -> None:
        """Send them.

        Raises:
            OSError: the broker cannot be reached; some may have been sent.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            for start in range(0, len(messages), ROUND_TRIP):
                with self._producer.batch():
                    for message in messages[start : start + ROUND_TRIP]:
                        self._send(self._producer, message)

    @contextmanager
    def _failing(self) -> Iterator[None]:
        known = (*self._connection.connection_errors, *self._connection.channel_errors, KombuError)
        try:
            yield
        except known as error:
            self.close()
            raise OSError(f"broker: {error}") from error

    def _send(self, producer: Producer, message: Message) -> None:
        first, attempt = message.tasks[0]
        name = f"{first}-{attempt}-{uuid.uuid4().hex[:8]}"
        shown = f"({', '.join(str(task) for task, _ in message.tasks)})"
        called, jobs = message.title or ("", "")
        if jobs:
            name, shown = f"{jobs.split()[0]}-{name}", f"job {jobs}, tasks {shown}"
        producer.publish(
            ([[list(pair) for pair in message.tasks]], {}, NO_CANVAS),
            routing_key=message.queue,
            serializer="json",
            correlation_id=name,
            headers={
                "lang": "py", "task": EXECUTE, "id": name, "root_id": name, "parent_id": None, "group": None,
                "argsrepr": shown, "kwargsrepr": "{}", "ignore_result": True, "retries": 0, "eta": None,
                "expires": None, "timelimit": [None, None], "origin": "scheduler", "cheap": message.cheap,
                **({"title": called} if called else {}),
            },
        )  # fmt: skip

    def waiting(self, queue: str) -> set[tuple[int, int]]:
        """The (task id, attempt) pairs of all messages that no worker has fetched.

        Raises:
            OSError: the broker cannot be reached.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            found = self._producer.channel.client.lrange(queue, 0, -1)
        return {pair for message in found for pair in _pairs(message)}

    def failed_writes(self) -> list[str]:
        """Which of the broker's last writes to disk failed.

        Raises:
            OSError: the broker cannot be reached.
        """
        self.connect()
        with self._failing():
            assert self._producer is not None
            told = self._producer.channel.client.info("persistence")
        kinds = {"aof_last_write_status": "write to the log", "rdb_last_bgsave_status": "snapshot"}
        return [kind for name, kind in kinds.items() if told.get(name, "ok") != "ok"]

    def close(self) -> None:
        """Drop the connection; the next call opens a new one."""
        self._producer = None
        self._connection.release()


def _pairs(message: bytes) -> list[tuple[int, int]]:
    body = json.loads(base64.b64decode(json.loads(message)["body"]))
    return [(task, attempt) for task, attempt in body[0][0]]


DEAF_S = 4.0
"""Redis answers a worker that waits for a message every second, if only that there is none."""


def is_deaf(consumer: Any) -> bool:
    """Whether a worker's consumer has lost its broker: no connection, or one on which answers are overdue."""
    if (connection := consumer.connection) is None or not connection.connected:
        return True
    channels = list(connection.transport.cycle._channels)
    asked = [(channel._in_poll, channel._brpop_sent_at) for channel in channels if channel._in_poll]
    return any(time.monotonic() - since > DEAF_S and not _readable(poll) for poll, since in asked)


def _readable(poll: Any) -> bool:
    """Whether an answer has come that nobody had time to read."""
    try:
        return bool(select.select([poll._sock], [], [], 0)[0])
    except (OSError, TypeError, ValueError):  # closed a moment ago
        return False


def from_environment() -> Celery:
    """The application as `celery -A shared.broker:app` and Flower see it."""
    return application(load().redis_url, events=True)
