"""Bring a database to the newest schema."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import psycopg

from novacron.cli import edge
from novacron.errors import BadInput, Unavailable, Unreachable
from shared.settings import load

ROOT = Path(__file__).resolve().parents[2]
LOCK = 0x6E6F7661


def newest() -> str:
    """The newest revision, read from the names of the migration files."""
    return max(path.name.split("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def current(connection: psycopg.Connection) -> str | None:
    """The revision the database is at, None when it is empty."""
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def is_newest(connection: psycopg.Connection) -> bool:
    """Whether the database has the newest schema that this version knows.

    Raises:
        BadInput: it has a newer one.
    """
    found = current(connection)
    if found is not None and found > newest():
        raise BadInput(
            f"the database has schema {found}, newer than the {newest()} of this version of NovaCron",
            hint="start the newer version, or bring the database back with its `alembic downgrade`",
        )
    return found == newest()


def wait(database_url: str, for_s: float) -> None:
    """Return once somebody else has brought the database to the newest schema.

    Args:
        database_url: of the database.
        for_s: longest time to wait.

    Raises:
        Unavailable: not in that time.
        BadInput: the schema is newer.
    """
    until = time.monotonic() + for_s
    while True:
        try:
            with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
                if is_newest(connection):
                    return
                why = f"the database has schema {current(connection) or 'none'} instead of {newest()}"
        except psycopg.OperationalError as error:
            why = str(error).strip()
        if time.monotonic() >= until:
            raise Unavailable(f"no schema after {for_s:g} s: {why}")
        time.sleep(min(1.0, for_s))


def upgrade(database_url: str) -> bool:
    """Migrate up if need be, one process at a time; returns whether anything was done.

    Raises:
        BadInput: the database has a newer schema than this version knows.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        if is_newest(connection):
            return False
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        if is_newest(connection):
            return False
        run(database_url, "head")
        return True


def run(database_url: str, revision: str, *, down: bool = False) -> None:
    """Run Alembic up or down to a revision."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    from shared.db.session import driver_url

    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    engine = create_engine(driver_url(database_url))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, revision)
        connection.commit()
    engine.dispose()


def main() -> int:
    """Bring the database to the newest schema, and say whether there was anything to do.

    Raises:
        BadInput: a setting breaks its rule.
        Unreachable: there is no database to be reached.
    """
    parser = argparse.ArgumentParser(prog="python -m shared.db.migrate", description=__doc__)
    parser.add_argument(
        "--wait", type=float, metavar="SECONDS", help="only wait until somebody else has done it"
    )
    for_s = parser.parse_args().wait
    if for_s is not None:
        wait(load().database_url, for_s)
        return 0
    try:
        done = upgrade(load().database_url)
    except psycopg.OperationalError as error:
        raise Unreachable(str(error).strip()) from None
    print("migrated" if done else "already at the newest schema")
    return 0


if __name__ == "__main__":
    edge.run(main)
