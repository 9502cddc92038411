"""Parameters of results at which loops of other jobs start."""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.session import Connection

FIND = "SELECT kind, content_key, result -> 'parameters' FROM jobs WHERE id = %s AND tenant_id = %s"


@dataclass(frozen=True, slots=True)
class Origin:
    """A job at whose parameters another starts.

    Attributes:
        kind: its kind.
        content_key: its content key, None if it is not shared.
        parameters: of its result, None before it has any.
    """

    kind: str
    content_key: str | None
    parameters: list[float] | None


def find(connection: Connection, tenant_id: int, job_id: str) -> Origin | None:
    """Return the job at whose parameters another starts; None if the tenant has no such job."""
    row = connection.execute(FIND, (job_id, tenant_id)).fetchone()
    return Origin(*row) if row else None
