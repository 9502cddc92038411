"""Sessions: calls of one program, in order, with their numbers and times."""

from __future__ import annotations

import base64
import re
import secrets
import struct
from datetime import datetime
from typing import Any

from shared.db.session import Connection
from shared.db.statements import statement
from shared.db.tokens import Bearer

OPEN = statement("sessions.open")
END = statement("sessions.end")
ENDED = statement("sessions.ended")
DOCUMENT = statement("sessions.document")
LISTING = statement("sessions.listing")
LISTING_AFTER = statement("sessions.listing_after")
CALLS = statement("sessions.calls")
NAMES = (
    "session_id", "name", "run", "created_at", "last_call_at", "ended_at", "idle_s", "opened_by", "n_calls",
    "n_completed", "n_failed", "n_cancelled", "n_cached", "n_earlier", "queue_s", "worker_s", "client_s",
    "qpu_s", "usd",
)  # fmt: skip
CALL = (
    "position", "job_id", "name", "status", "from_cache", "queue_time_s", "wall_time_s", "error_message",
    "value",
)  # fmt: skip
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
ENCODED = re.compile(r'"dtype": *"float64".*"base64": *"([A-Za-z0-9+/]{12})')


def new_id() -> str:
    """Return an unused id."""
    return secrets.token_hex(8)


def open_(connection: Connection, session_id: str, who: Bearer, name: str, idle_s: float) -> None:
    """Insert an open session without calls."""
    given = {"id": session_id, "tenant": who.tenant_id, "name": name, "idle_s": idle_s, "by": who.name}
    connection.execute(OPEN, given)


def end(connection: Connection, tenant_id: int, session_id: str) -> bool:
    """Open -> ended; return False if it was not open."""
    return connection.execute(END, {"session": session_id, "tenant": tenant_id}).rowcount == 1


def ended(connection: Connection, tenant_id: int, session_id: str) -> tuple[datetime | None, float] | None:
    """Return when a session ended (None: it is open) and its idle time in seconds; None if there is none."""
    row = connection.execute(ENDED, {"session": session_id, "tenant": tenant_id}).fetchone()
    return (row[0], row[1]) if row else None


def document(connection: Connection, tenant_id: int, session_id: str) -> dict[str, Any] | None:
    """Return a session with the numbers of its calls; None if the tenant has no such session."""
    row = connection.execute(DOCUMENT, {"session": session_id, "tenant": tenant_id}).fetchone()
    return _document(row) if row else None


def listing(
    connection: Connection, tenant_id: int, *, name: str | None, limit: int, after: str | None = None
) -> list[dict[str, Any]]:
    """List the tenant's sessions, newest first, after the session `after`; `name` is a pattern of LIKE."""
    given = {"tenant": tenant_id, "name": name, "limit": limit, "after": after}
    return [_document(row) for row in connection.execute(LISTING_AFTER if after else LISTING, given)]


def calls(
    connection: Connection, tenant_id: int, session_id: str, *, limit: int, after: int = -1
) -> list[dict[str, Any]]:
    """Return calls of a session in order, after position `after`, each with the first value of its result."""
    given = {"tenant": tenant_id, "session": session_id, "limit": limit, "after": after}
    rows = connection.execute(CALLS, given)
    return [dict(zip(CALL, (*row[:-1], first_number(row[-1])), strict=True)) for row in rows]


def first_number(text: str | None) -> float | None:
    """Return the first number in JSON, which may be cut off: of an array, of the values of an object.

    None if there is none, or the first value is text.
    """
    if text is None or text.startswith('"'):
        return None
    if encoded := ENCODED.search(text):
        return float(struct.unpack("<d", base64.b64decode(encoded[1])[:8])[0])
    found = NUMBER.search(TEXT.sub("", text))
    return float(found[0]) if found else None


def _document(row: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(zip(NAMES, row, strict=True))
    found["status"] = "open" if found["ended_at"] is None else "ended"
    times = ("created_at", "last_call_at", "ended_at")
    return found | {name: found[name] and found[name].isoformat() for name in times}
