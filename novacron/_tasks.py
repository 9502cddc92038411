"""Client requests for a job's tasks."""

from __future__ import annotations

from novacron._transport.flows import JOBS, Flow
from novacron._transport.http import segment
from novacron.answers.answer import Listing
from novacron.answers.task import Task
from novacron.groups.group import rows

ALL = 1 << 53


def tasks(job_id: str, limit: int | None = None) -> Flow[Listing[Task]]:
    """Return a job's tasks in creation order, at most `limit` of them."""
    most = ALL if limit is None else limit
    return rows(Task, f"{JOBS}/{segment(job_id)}/tasks", "tasks", most)
