"""Standing jobs: watches, renewals and plans that run until they are cancelled.

Such a job keeps acting on behalf of the token it was submitted with, so it ends with that token.
"""

from __future__ import annotations

import json

from shared.db import jobs
from shared.db.session import Connection
from shared.db.statements import statement

NAMES = statement("standing.names")
PASS_ON = statement("standing.pass_on")


def cancel(connection: Connection, tenant_id: int, token_id: str, *, by: str, reason: str) -> list[str]:
    """Cancel the standing jobs of a token, in the caller's transaction; return their ids."""
    names = connection.execute(NAMES, {"tenant": tenant_id, "token": token_id}).fetchall()
    return [job_id for (job_id,) in names if jobs.cancel(connection, job_id, by, reason)]


def pass_on(connection: Connection, tenant_id: int, token_id: str, to: str) -> None:
    """Transfer the standing jobs of a token to its replacement, in the caller's transaction."""
    given = {"tenant": tenant_id, "token": token_id, "to": json.dumps({"token_id": to})}
    connection.execute(PASS_ON, given)
