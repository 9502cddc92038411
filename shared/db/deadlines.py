"""Enforcement of job timeouts."""

from __future__ import annotations

from shared.db import jobs
from shared.db.session import Connection
from shared.db.statements import statement
from shared.failures import Failure
from shared.states import FailureClass

OVERDUE = """
SELECT id, tenant_id, timeout_s FROM jobs WHERE timeout_s IS NOT NULL AND finished_at IS NULL
  AND coalesce(started_at, created_at) + timeout_s * interval '1 second' < clock_timestamp()
"""
REACHED = statement("best.reached")


def enforce(connection: Connection) -> dict[str, int]:
    """Queued or running -> failed for jobs past their timeout, by the database's clock.

    A variational job reports its progress in the error.

    Returns:
        Their ids, with the tenant of each.
    """
    overdue = connection.execute(OVERDUE).fetchall()
    return {job: tenant for job, tenant, timeout_s in overdue if _fail(connection, job, timeout_s)}


def _fail(connection: Connection, job_id: str, timeout_s: float) -> bool:
    message = f"the job ran longer than its timeout_s = {timeout_s:g}"
    for evaluations, best, sign in connection.execute(REACHED, {"job": job_id}):
        which = "lowest" if sign > 0 else "highest"
        message += f"; the {which} value of its {evaluations:,} evaluations so far was {best:.12g}"
    failure = Failure(FailureClass.TIMEOUT, message, hint="give it a longer timeout_s")
    return jobs.fail(connection, job_id, failure.document())
