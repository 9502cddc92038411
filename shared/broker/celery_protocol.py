"""The only module that uses Celery and Kombu internals: application, message format, stale consumers."""

from __future__ import annotations

import base64
import json
import select
import time
import uuid
from collections.abc import Sequence
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection, Exchange
from kombu import Queue as KombuQueue

from shared.queues import QUEUES

EXECUTE = "execute"
"""Name of the only Celery task."""

NO_CANVAS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


class EagerConnection(Connection):  # type: ignore[misc]
    """Reconnects to a lost broker every second; Kombu's own backoff grows to 30 s."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Connect with retries; see the overridden method."""
        pace = {"interval_start": 0.2, "interval_step": 0.2, "interval_max": 1.0}
        return super().ensure_connection(*args, **{**pace, **options})


class EagerAMQP(AMQP):  # type: ignore[misc]
    """Makes workers use `EagerConnection`."""

    Connection = EagerConnection


def application(redis_url: str, prefix: str, *, events: bool = False) -> Celery:
    """Return the Celery application, used only as transport: JSON, no result backend, canvas or acks.

    A message says that a row is ready, and the row says which worker holds it: a dead worker is detected by
    its expired lease, a lost message by its row. Acknowledging to Redis as well would double the cost of a
    message and redeliver every task that runs longer than the visibility timeout.

    Args:
        redis_url: URL of Redis.
        prefix: prefix of all keys and channels of this installation.
        events: whether to send Celery events and to answer remote control commands.
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
        broker_transport_options=prefixed(
            {
                "socket_keepalive": True,
                "socket_connect_timeout": 5,
                "socket_timeout": 10,
                "health_check_interval": 5,
            },
            prefix,
        ),
    )
    return app


def prefixed(options: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return transport options with a key prefix, omitted if empty since it costs time on every command."""
    return options | {"global_keyprefix": prefix} if prefix else options


def _queue(name: str) -> KombuQueue:
    """Return a queue with its own exchange and routing key; by default Celery uses the first queue's."""
    return KombuQueue(name, Exchange(name, type="direct"), routing_key=name, no_ack=True)


def call(
    tasks: Sequence[tuple[int, int]], *, cheap: bool, title: tuple[str, str] | None
) -> tuple[Any, dict[str, Any]]:
    """Return body and properties of a call of the only Celery task (message protocol 2)."""
    first, attempt = tasks[0]
    name = f"{first}-{attempt}-{uuid.uuid4().hex[:8]}"
    shown = f"({', '.join(str(task) for task, _ in tasks)})"
    called, jobs = title or ("", "")
    if jobs:
        name, shown = f"{jobs.split()[0]}-{name}", f"job {jobs}, tasks {shown}"
    headers = {
        "lang": "py", "task": EXECUTE, "id": name, "root_id": name, "parent_id": None, "group": None,
        "argsrepr": shown, "kwargsrepr": "{}", "ignore_result": True, "retries": 0, "eta": None,
        "expires": None, "timelimit": [None, None], "origin": "scheduler", "cheap": cheap,
        **({"title": called} if called else {}),
    }  # fmt: skip
    body: Any = ([[list(pair) for pair in tasks]], {}, NO_CANVAS)
    return body, {"serializer": "json", "correlation_id": name, "headers": headers}


def pairs(message: bytes) -> list[tuple[int, int]]:
    """Return the (task id, attempt) pairs of a message as stored in Redis."""
    body = json.loads(base64.b64decode(json.loads(message)["body"]))
    return [(task, attempt) for task, attempt in body[0][0]]


DEAF_S = 4.0
"""Seconds without an answer after which a consumer is stale; Redis answers a blocking pop every second, even
when the queue is empty.
"""


def is_deaf(consumer: Any) -> bool:
    """Return whether a worker's consumer has lost its broker: no connection, or overdue answers."""
    if (connection := consumer.connection) is None or not connection.connected:
        return True
    channels = list(connection.transport.cycle._channels)
    asked = [(channel._in_poll, channel._brpop_sent_at) for channel in channels if channel._in_poll]
    return any(time.monotonic() - since > DEAF_S and not _readable(poll) for poll, since in asked)


def _readable(poll: Any) -> bool:
    """Return whether an answer has arrived but has not been read yet."""
    try:
        return bool(select.select([poll._sock], [], [], 0)[0])
    except (OSError, TypeError, ValueError):  # closed concurrently
        return False
