"""Whether a session takes a job as its next call."""

from __future__ import annotations

from novacron.errors import BadInput, Conflict
from shared.db import sessions
from shared.db.session import Connection


def check(connection: Connection, tenant_id: int, session_id: str | None) -> None:
    """Check that a session takes calls.

    Raises:
        BadInput: there is no such session.
        Conflict: it has ended.
    """
    if session_id is None:
        return
    found = sessions.ended(connection, tenant_id, session_id)
    if found is None:
        raise BadInput("there is no such session in this tenant", field="session", value=session_id)
    if found[0] is not None:
        raise Conflict(f"the session {session_id} has ended; open another one of its name to go on")
