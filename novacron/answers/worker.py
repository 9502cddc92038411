"""Workers and queues."""

from __future__ import annotations

from novacron.answers.answer import Answer


class Worker(Answer, shown=("worker", "queue", "host", "healthy", "busy", "slots")):
    """A worker process.

    Attributes:
        worker: name of the worker.
        queue: queue that it serves.
        host: host that it runs on.
        pid: process id on that host.
        slots: tasks that it can run concurrently.
        draining: whether it accepts no new tasks.
        last_seen_s: seconds since its last heartbeat.
        healthy: whether it is alive and accepts tasks.
        clock_ahead_s: seconds by which its clock is ahead of the database's; null if unknown.
        busy: tasks that it is running.
    """

    worker: str
    queue: str
    host: str
    pid: int
    slots: int
    draining: bool
    last_seen_s: float
    healthy: bool
    clock_ahead_s: float | None
    busy: int


class Queue(Answer, shown=("queue", "ready", "queued", "running", "workers", "slots")):
    """A queue, its tasks and its workers.

    Attributes:
        queue: name of the queue.
        ready: tasks that wait for capacity of the queue.
        queued: tasks that wait for a worker.
        running: tasks that run.
        workers: number of healthy workers.
        slots: tasks that they can run concurrently.
    """

    queue: str
    ready: int
    queued: int
    running: int
    workers: int
    slots: int


class Workers(Answer, shown=("workers", "queues")):
    """All workers and queues.

    Attributes:
        workers: workers seen in the last ten minutes.
        queues: all queues, with or without workers.
    """

    workers: list[Worker]
    queues: list[Queue]
