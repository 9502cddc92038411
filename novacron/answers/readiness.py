"""Readiness of the scheduler."""

from __future__ import annotations

from novacron.answers.answer import Answer


class Readiness(Answer, shown=("ready", "queues_without_worker")):
    """Whether jobs can run.

    Attributes:
        ready: whether every required queue has a worker.
        queues_without_worker: required queues without a worker; missing where the database does not answer.
    """

    ready: bool
    queues_without_worker: list[str] | None = None
