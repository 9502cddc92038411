"""Which code a database's schema serves: a process of the former release works on a newer schema that says so.

Each migration states the oldest code it leaves served, by that code's newest migration; Alembic's run writes it
into the table `compatibility` beside the revision, in the same transaction (`migrations/env.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

from novacron.errors import BadInput, Unavailable, Unreachable
from shared.db import session

ROOT = Path(__file__).resolve().parents[2]
UPGRADE = "run `python -m shared.db.migrate` of this version first"


def newest() -> str:
    """The newest revision that this code knows, read from the names of the migration files."""
    return max(path.name.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database says of its schema.

    Attributes:
        revision: its newest migration, None where there is no schema.
        serves: the oldest code it serves, by that code's newest migration; None where it does not say.
    """

    revision: str | None
    serves: str | None = None

    def works(self) -> bool:
        """Whether this code works on it; False where it is older than this code.

        Raises:
            BadInput: it is newer, and this code is served no more.
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
    """What the database says of its schema."""
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
    """Refuse to start on a database that this code does not work on.

    Args:
        database_url: of the database.

    Raises:
        Unreachable: it does not answer.
        Unavailable: its schema is older.
        BadInput: its schema is newer and does not serve this code, or the URL is none.
    """
    try:
        with session.connect(database_url, name="novacron-start") as connection:
            found = read(connection)
    except psycopg.Error as error:
        raise refused(error) from None
    if not found.works():
        raise Unavailable(f"the database has {found}, this version of NovaCron needs {newest()}: {UPGRADE}")


def refused(error: psycopg.Error) -> BadInput | Unreachable:
    """Say on one line why a database cannot be used: it does not answer, or not to this address or user."""
    why = " ".join(str(error).split())
    if isinstance(error, psycopg.OperationalError):
        return Unreachable(f"no database: {why} (start it, or mend NOVACRON_DATABASE_URL)")
    return BadInput(f"names a database that cannot be used: {why}", field="NOVACRON_DATABASE_URL")
