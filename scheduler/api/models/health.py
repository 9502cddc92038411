"""Whether the scheduler lives, and is ready to run jobs."""

from __future__ import annotations

from typing import Literal

from scheduler.api.models.model import Model


class Health(Model):
    """The process answers.

    Attributes:
        status: `ok`.
    """

    status: Literal["ok"]


class Readiness(Model):
    """Whether jobs can be run.

    Attributes:
        ready: whether every queue that must be served has a worker.
        queues_without_worker: those that have none.
    """

    ready: bool
    queues_without_worker: list[str]
