"""Whether jobs can be run."""

from __future__ import annotations

from novacron.answers.answer import Answer


class Readiness(Answer, shown=("ready", "queues_without_worker")):
    """Whether jobs can be run.

    Attributes:
        ready: whether every queue that must be served has a worker.
        queues_without_worker: those that have none; missing where the database does not answer.
    """

    ready: bool
    queues_without_worker: list[str] | None = None
