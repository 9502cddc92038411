"""Standing jobs: watches, renewals and plans that go on by themselves until somebody ends them.

Such a job acts on and on for the token that it came with, so it ends with that token.
"""

from __future__ import annotations

import json

from shared.db import jobs
from shared.db.session import Connection
from shared.db.statements import statement

NAMES = statement("standing.names")
PASS_ON = statement("standing.pass_on")


def cancel(connection: Connection, tenant_id: int, token_id: str, *, by: str, reason: str) -> list[str]:
    """Cancel the standing jobs that came with a token, in the caller's transaction; returns their ids."""
    names = connection.execute(NAMES, {"tenant": tenant_id, "token": token_id}).fetchall()
    return [job_id for (job_id,) in names if jobs.cancel(connection, job_id, by, reason)]


def pass_on(connection: Connection, tenant_id: int, token_id: str, to: str) -> None:
    """Have the standing jobs of a token go on for the one in its place, in the caller's transaction."""
    given = {"tenant": tenant_id, "token": token_id, "to": json.dumps({"token_id": to})}
    connection.execute(PASS_ON, given)
