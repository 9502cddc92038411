"""Workers and queues."""

from __future__ import annotations

from novacron.answers.answer import Answer


class Worker(Answer, shown=("worker", "queue", "host", "healthy", "busy", "slots")):
    """A worker process.

    Attributes:
        worker: its name.
        queue: that it serves.
        host: that it runs on.
        pid: process id there.
        slots: tasks that it runs at a time.
        draining: whether it takes no more tasks.
        last_seen_s: seconds since it was last heard of.
        healthy: whether it is alive and takes tasks.
        clock_ahead_s: how far its clock is ahead of the database's, seconds; null where that is not known.
        busy: tasks that it runs now.
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
    """A queue: its tasks and who serves it.

    Attributes:
        queue: its name.
        ready: tasks that wait for room in the queue.
        queued: tasks that wait for a worker.
        running: tasks that run.
        workers: healthy workers.
        slots: tasks that these run at a time.
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
        workers: all that were heard of in the last ten minutes.
        queues: all queues, with or without workers.
    """

    workers: list[Worker]
    queues: list[Queue]
