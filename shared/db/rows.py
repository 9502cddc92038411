"""Rows of jobs for tables: the numbers of their results, without the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.db.reading import Filter, page
from shared.db.session import Connection
from shared.db.statements import statement

TABLE = statement("reading.table")
ROWS_OF = statement("reading.rows_of")
ROW = (
    "position", "job_id", "name", "kind", "coordinates", "status", "from_cache", "wall_time_s", "cpu_s",
    "error_message", "result",
)  # fmt: skip


def table(
    connection: Connection, tenant_id: int, sweep: str, *, limit: int, after: int = -1
) -> list[dict[str, Any]]:
    """Return rows of the jobs of a sweep in order, after position `after`."""
    wanted = {"tenant": tenant_id, "sweep": sweep, "limit": limit, "after": after}
    return [dict(zip(ROW, row, strict=True)) for row in connection.execute(TABLE, wanted)]


def listing(
    connection: Connection, tenant_id: int, wanted: Filter, *, limit: int, after: str | None = None
) -> list[dict[str, Any]]:
    """Return rows of the tenant's jobs, newest first, after the job `after`."""
    found = page(connection, "reading.rows", tenant_id, wanted, limit=limit, after=after)
    return [dict(zip(ROW, row, strict=True)) for row in found]


def of(connection: Connection, tenant_id: int, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of jobs by id, in the order of the ids; those that the tenant has not are left out."""
    found = connection.execute(ROWS_OF, {"tenant": tenant_id, "ids": list(ids)})
    by_id = {row[1]: dict(zip(ROW, row, strict=True)) for row in found}
    return [by_id[one] for one in dict.fromkeys(ids) if one in by_id]
