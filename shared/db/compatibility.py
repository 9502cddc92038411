"""Schema compatibility: a process of the previous release runs on a newer schema that still supports it.

Each migration declares in `serves` the oldest code it supports, identified by that code's newest migration.
`migrations/env.py` records the value in the table `compatibility` in the transaction that changes the revision.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

from novacron.errors import BadInput, Unavailable, Unreachable
from shared.db import session
from shared.db.errors import one_line

ROOT = Path(__file__).resolve().parents[2]
UPGRADE = "run `python -m shared.db.migrate` of this version first"


def newest() -> str:
    """Return the newest revision this code knows, taken from the names of the migration files."""
    return max(path.name.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema recorded in a database.

    Attributes:
        revision: newest applied migration, None without a schema.
        serves: oldest supported code, as the newest migration of that code; None if it is not recorded.
    """

    revision: str | None
    serves: str | None = None

    @property
    def newer(self) -> bool:
        """Whether a later release than this code has migrated the database."""
        return self.revision is not None and self.revision > newest()

    def works(self) -> bool:
        """Return whether this code runs on the schema; False if the schema is older than the code.

        Raises:
            BadInput: the schema is newer and no longer supports this code.
        """
        known, found = newest(), self.revision
        if found is None or found <= known:
            return found == known
        if self.serves is not None and self.serves <= known:
            return True
        serves = f"serves versions from schema {self.serves} on" if self.serves else "serves none but its own"
        raise BadInput(
            f"the database has schema {found}, newer than the {known} of this version of NovaCron, and {serves}",
            hint="start a newer version, or take the schema back with that one's `alembic downgrade`",
        )

    def __str__(self) -> str:
        return f"schema {self.revision or 'none'}"


def read(connection: psycopg.Connection) -> Schema:
    """Read the schema's revision and the oldest code it supports."""
    row = connection.execute(
        "SELECT to_regclass('alembic_version') IS NOT NULL, to_regclass('compatibility') IS NOT NULL"
    ).fetchone()
    if row is None or not row[0]:
        return Schema(None)
    query = "SELECT version_num, NULL FROM alembic_version"
    if row[1]:
        query = "SELECT version_num, serves FROM alembic_version LEFT JOIN compatibility ON true"
    found = connection.execute(query.encode()).fetchone()
    return Schema(*found) if found else Schema(None)


def require(database_url: str) -> None:
    """Check at startup that this code runs on the database.

    Args:
        database_url: URL of the database.

    Raises:
        Unreachable: the database does not answer.
        Unavailable: its schema is older than this code.
        BadInput: its schema is newer and no longer supports this code, or the URL is invalid.
    """
    try:
        with session.connect(database_url, name="novacron-start") as connection:
            found = read(connection)
    except psycopg.Error as error:
        raise refused(error) from None
    if not found.works():
        raise Unavailable(f"the database has {found}, this version of NovaCron needs {newest()}: {UPGRADE}")


def refused(error: psycopg.Error) -> BadInput | Unreachable:
    """Convert a connection error into a one-line error: unreachable, or an invalid address or user."""
    why = one_line(error)
    if isinstance(error, psycopg.OperationalError):
        return Unreachable(f"no database: {why} (start it, or correct NOVACRON_DATABASE_URL)")
    return BadInput(f"names a database that cannot be used: {why}", field="NOVACRON_DATABASE_URL")
