"""The Celery application of a worker: `celery -A workers.app worker -Q <queue>` or `python -m workers`."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from celery import signals

from novacron.errors import BadInput, NovaCronError
from shared import extras, telemetry
from shared.broker import celery_protocol
from shared.broker.consuming import Appetite, Unacknowledged
from shared.db import compatibility, errors, session, workers
from shared.ring import Ring
from shared.settings import load
from shared.traces.tracing import Tracing, configured
from workers import operations
from workers.runtime import accelerator, drain, heartbeat
from workers.runtime.cancellation import Cancellation
from workers.runtime.execute import Executor, standard
from workers.runtime.hooks import TaskHook
from workers.runtime.telling import Channel
from workers.runtime.traces import Traces
from workers.runtime.watching import Watch

if TYPE_CHECKING:
    from shared.metrics.exposition import Endpoint

log = logging.getLogger("novacron.worker")
_EXTRAS = tuple(extras.installed())
try:
    settings = load()
except BadInput as error:
    raise SystemExit(f"novacron: {error}") from None
app = celery_protocol.application(settings.redis_url, settings.key_prefix, events=settings.task_events)
app.steps["consumer"].add(Appetite)

ANNOUNCE_S = 2.0


@dataclass(slots=True)
class Parent:
    """The process that the workers' children are forked from.

    Attributes:
        id: id of this start.
        queue: the queue it consumes.
        slots: number of children that run tasks concurrently.
    """

    id: str = ""
    queue: str = ""
    slots: int = 1


_parent = Parent()
_executor: Executor | None = None
_channel: Channel | None = None
_endpoint: Endpoint | None = None
_ring: Ring | None = None
_tracing: Tracing | None = None


class NotCompleted(Exception):  # noqa: N818 - it is recorded already; this is for Celery's events alone
    """Some tasks of a message were not completed."""


@app.task(name=celery_protocol.EXECUTE, Request=Unacknowledged, throws=(NotCompleted,))  # type: ignore[untyped-decorator]
def execute(messages: list[list[int]]) -> None:
    """Run the tasks of one message.

    Raises:
        NotCompleted: not all were completed; raised only if events report it, to Flower for instance.
    """
    if _executor is None:
        raise RuntimeError("this worker child was not set up; run it with the prefork pool")
    shortfalls = _executor.execute([(task, attempt) for task, attempt in messages])
    if shortfalls and settings.task_events:
        raise NotCompleted("; ".join(shortfalls))


@signals.celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def _name(instance: Any, **_: Any) -> None:
    """Set the worker's name before its children are forked."""
    _parent.id = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns():x}"
    queues = list(instance.app.amqp.queues.consume_from)
    if len(queues) != 1:
        raise SystemExit(f"a worker serves one queue, got -Q {','.join(queues)}")
    if why := accelerator.refusal(queues[0]):
        raise SystemExit(why)
    _parent.queue = queues[0]
    _parent.slots = instance.concurrency
    _begin()
    operations.compile_ahead(queues[0], log.warning)


def _begin() -> None:
    """Make the checks that `python -m workers` reports by its exit status; set up metrics and tracing.

    Raises:
        SystemExit: the database schema does not match, the metrics port cannot be bound, or tracing is
            misconfigured.
    """
    global _tracing
    try:
        compatibility.require(settings.database_url)
        _show_metrics()
        # Before children are forked, so that they share the memory of the SDK.
        _tracing = configured("novacron-worker")
    except NovaCronError as error:
        raise SystemExit(f"novacron: {error}") from None


def _show_metrics() -> None:
    """Bind the metrics port and create the channel for children's metrics before any child is forked.

    Raises:
        BadInput: the port cannot be bound.
    """
    global _channel, _endpoint
    if not settings.metrics_port:
        return
    from shared.metrics.exposition import Endpoint

    _endpoint = Endpoint(settings.host, settings.metrics_port, token=settings.metrics_token)
    _channel = Channel()


@signals.after_setup_logger.connect  # type: ignore[untyped-decorator]
@signals.after_setup_task_logger.connect  # type: ignore[untyped-decorator]
def _format(logger: logging.Logger, **_: Any) -> None:
    """Format log lines of Celery and its process pool like all others."""
    for handler in (*logger.handlers, *logging.getLogger("multiprocessing").handlers):
        handler.setFormatter(telemetry.formatter(settings.log_format))


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def _set_up_child(**_: Any) -> None:
    global _executor, _ring
    name = f"{_parent.id}/{os.getpid()}"
    if _endpoint is not None and _channel is not None:
        _endpoint.close()  # otherwise the port would stay bound while a child outlives the parent
        _channel.speak()
    _ring = Ring(partial(session.connect, settings.database_url, name=f"{name} log", durable=False))
    logging.getLogger().addHandler(_ring)
    _executor = Executor(
        settings, queue=_parent.queue, worker=name, slots=_parent.slots, attached=_attached(name)
    )
    threading.Thread(target=_warm, name="warm", daemon=True).start()
    durably = partial(session.connect, settings.database_url, name=name, durable=True)
    Cancellation(durably, queue=_parent.queue, lease_s=settings.lease_s).start()


def _attached(name: str) -> tuple[TaskHook, ...]:
    """Return the hooks of a child; its exporting thread starts after the fork, which copies no threads."""
    attached = standard(_parent.queue)
    if _tracing is None:
        return attached
    _tracing.start(name)
    return (*attached, Traces(_tracing, _parent.queue))


def _warm() -> None:
    """Import the modules of the queue's operations while no task is waiting.

    At normal thread priority: a low-priority thread would hold the GIL while it is preempted, and on a busy
    machine the thread that renews leases would wait until they have expired.
    """
    operations.warm(_parent.queue)


@signals.worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def _tell_the_last(**_: Any) -> None:
    if _channel is not None:
        _channel.tell()
    if _tracing is not None:
        _tracing.stop()
    if _ring is not None:
        _ring.close()


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _announce(sender: Any, **_: Any) -> None:
    if _endpoint is not None and _channel is not None:
        _channel.hear()
        _endpoint.start()
    threading.Thread(target=_keep_announcing, args=(sender,), name="announce", daemon=True).start()
    seeing = partial(session.connect, settings.database_url, name=f"{_parent.id} watch", durable=False)
    Watch(seeing, queue=_parent.queue, every_s=settings.watch_s, stopping=drain.requested).start()


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _shutting_down(**_: Any) -> None:
    drain.request()


def _keep_announcing(consumer: Any) -> None:
    """Send heartbeats that say whether this worker accepts tasks; unregister at the end."""
    connection: session.Connection | None = None
    while not drain.requested():
        deaf = celery_protocol.is_deaf(consumer)
        connection = _tell(connection, workers.drain if deaf else _here)
        _beat(heartbeat.AWAY if connection is None else heartbeat.DEAF if deaf else heartbeat.READY)
        _pause()
    _beat(heartbeat.DRAINING)
    _tell(connection, workers.leave)


def _beat(state: str) -> None:
    """Write the heartbeat for local probes, too."""
    if not settings.heartbeat_file:
        return
    try:
        heartbeat.beat(settings.heartbeat_file, state)
    except OSError as error:
        log.warning("cannot write NOVACRON_HEARTBEAT_FILE: %s", error)


def _here(connection: session.Connection, worker: str) -> None:
    queue, slots = _parent.queue, _parent.slots
    workers.announce(
        connection, worker, queue=queue, host=socket.gethostname(), pid=os.getpid(), slots=slots,
        extras=_EXTRAS,
    )  # fmt: skip


def _tell(
    connection: session.Connection | None, word: Callable[[session.Connection, str], None]
) -> session.Connection | None:
    """Execute a statement on this connection or a new one; return the connection to use next."""
    try:
        connection = connection or session.connect(settings.database_url, name=_parent.id, durable=False)
        word(connection, _parent.id)
    except errors.Error as error:
        log.warning("cannot announce this worker: %s", error)
        return None
    return connection


def _pause() -> None:
    until = time.monotonic() + ANNOUNCE_S
    while time.monotonic() < until and not drain.requested():
        time.sleep(0.1)
