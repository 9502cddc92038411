"""Tasks that this worker cannot run and another one can."""

from __future__ import annotations

from shared.db import compatibility, workers
from shared.db.session import Connection
from workers.runtime.outcome import MissingExtraError, OutdatedError


def fitting(error: Exception, connection: Connection, queue: str) -> str | None:
    """Return what kind of worker of a queue can run the task that raised an error; None if there is none."""
    if isinstance(error, OutdatedError) and compatibility.read(connection).newer:
        return "a worker of the new release"
    if isinstance(error, MissingExtraError) and error.extra in (workers.extras(connection, queue) or ()):
        return f"a worker that has the extra {error.extra}"
    return None
