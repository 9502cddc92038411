"""Integrals of molecules, in the results of the jobs that compute them."""

from __future__ import annotations

from typing import Any

from shared.built_in_functions import INTEGRALS
from shared.db.session import Connection

FIND = """
SELECT p.spec #> '{arguments,molecule}', p.result #>> '{value,fcidump}'
FROM jobs j JOIN jobs p ON p.id = ANY(j.depends_on)
WHERE j.id = %s AND p.kind = 'pure_classical' AND p.spec ->> 'function' = %s AND p.state = 'completed'
"""
IN_FLIGHT = "SELECT id FROM jobs WHERE content_key = %s AND finished_at IS NULL AND joined IS NULL"


def find(connection: Connection, job_id: str, molecule: dict[str, Any]) -> str | None:
    """Return the FCIDUMP text of a molecule from the result of a job that the given one waited for."""
    rows = connection.execute(FIND, (job_id, INTEGRALS)).fetchall()
    return next((text for found, text in rows if found == molecule), None)


def in_flight(connection: Connection, content_key: str | None) -> str | None:
    """Return the unfinished job that computes this content."""
    row = connection.execute(IN_FLIGHT, (content_key,)).fetchone()
    return row[0] if row else None
