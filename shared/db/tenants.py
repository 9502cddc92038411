"""Tenants: each owns tokens, jobs, keys and plans and has a fair share of the workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from novacron.roles import includes
from shared.db.session import Connection
from shared.db.statements import statement

DEFAULT = "default"
"""The tenant of the installation's first token, and of targets and folders that name no other."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The tenant and role on whose behalf a job runs.

    Attributes:
        tenant: name of the tenant.
        role: role of the token that submitted the job.
    """

    tenant: str
    role: str

    @property
    def operator(self) -> bool:
        """Whether the installation's operator submitted it."""
        return includes(self.role, "operator")


STANDING = """
SELECT n.name, coalesce(j.role, 'submit') FROM jobs j JOIN tenants n ON n.id = j.tenant_id WHERE j.id = %s
"""
"""A job created by a former version has no recorded role and gets the least privileged one."""
LISTING = statement("tenants.listing")
LISTING_AFTER = statement("tenants.listing_after")
SET = """
INSERT INTO tenants (name, weight) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET weight = excluded.weight
"""


def id_of(connection: Connection, name: str) -> int | None:
    """Return the id of a tenant, None if there is none of this name."""
    row = connection.execute("SELECT id FROM tenants WHERE name = %s", (name,)).fetchone()
    return None if row is None else int(row[0])


def standing(connection: Connection, job_id: str) -> Standing:
    """Return the tenant and role on whose behalf a job runs.

    Raises:
        LookupError: there is no such job.
    """
    row = connection.execute(STANDING, (job_id,)).fetchone()
    if row is None:
        raise LookupError(f"job {job_id} is gone")
    return Standing(*row)


def listing(connection: Connection, *, limit: int, after: str | None = None) -> list[dict[str, Any]]:
    """List all tenants by name, with their weight, active tokens and unfinished jobs."""
    rows = connection.execute(LISTING_AFTER if after else LISTING, {"limit": limit, "after": after})
    return [
        {"tenant": name, "weight": weight, "active_tokens": n_tokens, "unfinished_jobs": n_jobs}
        for name, weight, n_tokens, n_jobs in rows
    ]


def set_weight(connection: Connection, name: str, weight: float) -> None:
    """Set a tenant's weight in the fair share; create the tenant if it does not exist."""
    connection.execute(SET, (name, weight))
