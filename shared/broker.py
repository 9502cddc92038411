"""The Celery application, and publishing which tasks are ready: the only door to the broker."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from celery import Celery
from kombu import Connection, Exchange, Producer
from kombu import Queue as KombuQueue

from shared.queues import QUEUES
from shared.settings import load

EXECUTE = "execute"
"""The one Celery task."""

DEFAULT_EXCHANGE = Exchange("")


@dataclass(frozen=True, slots=True)
class Message:
    """What travels: the (task id, attempt) pairs that are ready, one or a chunk of cheap ones."""

    queue: str
    tasks: Sequence[tuple[int, int]]


def application(redis_url: str, *, events: bool = False) -> Celery:
    """Celery as transport only: JSON, late acknowledgement, one message at a time, no results, no canvas.

    Redelivery after the visibility time-out, or of a message whose worker died, does no harm: the second
    claim finds nothing.
    """
    app = Celery("novacron", broker=redis_url)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_default_queue="cpu-sim",
        task_create_missing_queues=False,
        task_queues=[KombuQueue(name) for name in QUEUES],
        worker_prefetch_multiplier=1,
        worker_send_task_events=events,
        task_send_sent_event=events,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=events,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 3600,
            "socket_keepalive": True,
            "socket_connect_timeout": 5,
            "socket_timeout": 30,
            "health_check_interval": 10,
            "retry_on_timeout": True,
        },
    )
    return app


class Publisher:
    """Puts messages on the broker, all of one call in one round trip; one publisher per thread."""

    def __init__(self, redis_url: str) -> None:
        self._connection = Connection(
            redis_url,
            transport_options={"socket_connect_timeout": 3, "socket_timeout": 5, "socket_keepalive": True},
        )
        self._producer: Producer | None = None

    def publish(self, messages: Sequence[Message]) -> None:
        """Send them.

        Raises:
            OSError: the broker cannot be reached; some may have been sent.
        """
        try:
            if self._producer is None:
                self._producer = Producer(
                    self._connection.channel(), exchange=DEFAULT_EXCHANGE, auto_declare=False
                )
            with self._producer.batch():
                for message in messages:
                    self._send(self._producer, message)
        except (*self._connection.connection_errors, *self._connection.channel_errors) as error:
            self.close()
            raise OSError(f"broker: {error}") from error

    def _send(self, producer: Producer, message: Message) -> None:
        first, attempt = message.tasks[0]
        name = f"{first}-{attempt}-{uuid.uuid4().hex[:8]}"
        shown = f"({', '.join(str(task) for task, _ in message.tasks)})"
        producer.publish(
            ([[list(pair) for pair in message.tasks]], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}),
            routing_key=message.queue,
            serializer="json",
            correlation_id=name,
            headers={
                "lang": "py", "task": EXECUTE, "id": name, "root_id": name, "parent_id": None, "group": None,
                "argsrepr": shown, "kwargsrepr": "{}", "ignore_result": True, "retries": 0, "eta": None,
                "expires": None, "timelimit": [None, None], "origin": "scheduler",
            },
        )  # fmt: skip

    def depth(self, queue: str) -> int:
        """Messages waiting in a queue.

        Raises:
            OSError: the broker cannot be reached.
        """
        try:
            channel = self._connection.default_channel
            return int(channel.client.llen(queue))
        except (*self._connection.connection_errors, *self._connection.channel_errors) as error:
            self.close()
            raise OSError(f"broker: {error}") from error

    def close(self) -> None:
        """Drop the connection; the next call opens a new one."""
        self._producer = None
        self._connection.release()


def from_environment() -> Celery:
    """The application as `celery -A shared.broker:app` and Flower see it."""
    return application(load().redis_url, events=True)
