"""What the client asks of a job's tasks."""

from __future__ import annotations

from novacron._transport.flows import JOBS, Document, Flow, listed
from novacron._transport.http import segment

ALL = 1 << 53


def tasks(job_id: str, limit: int | None = None) -> Flow[list[Document]]:
    """Return a job's tasks in the order in which they were made, at most `limit` of them."""
    return listed(f"{JOBS}/{segment(job_id)}/tasks", "tasks", ALL if limit is None else limit)
