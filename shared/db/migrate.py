"""Migrate a database to the newest schema."""

from __future__ import annotations

from shared import starting

if __name__ == "__main__":
    starting.end_at_sigterm()

import argparse
import time

import psycopg

from novacron.cli import edge
from novacron.errors import Unavailable
from shared.db import compatibility
from shared.db.compatibility import ROOT, newest
from shared.db.errors import one_line
from shared.settings import load

LOCK = 0x6E6F7661
PATIENCE = "10s"
"""Lock timeout of DDL: later statements of all processes queue behind a waiting ALTER TABLE."""


def wait(database_url: str, for_s: float) -> None:
    """Wait until the database has a schema that this version supports.

    Args:
        database_url: URL of the database.
        for_s: maximum time to wait, in seconds.

    Raises:
        Unavailable: it has not after this time.
        BadInput: the schema is newer and no longer supports this version, or the URL is invalid.
    """
    until = time.monotonic() + for_s
    while True:
        try:
            with psycopg.connect(database_url, autocommit=True, connect_timeout=5) as connection:
                if (found := compatibility.read(connection)).works():
                    return
                why = f"the database has {found} instead of {newest()}"
        except psycopg.OperationalError as error:
            why = one_line(error)
        if time.monotonic() >= until:
            raise Unavailable(f"no compatible schema after {for_s:g} s: {why}")
        time.sleep(min(1.0, for_s))


def upgrade(database_url: str) -> bool:
    """Migrate to the newest schema if necessary, one process at a time; return whether anything was done.

    Raises:
        BadInput: the database has a newer schema that no longer supports this version.
        Unavailable: another transaction holds a lock on a table to alter.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        if compatibility.read(connection).works():
            return False
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        if compatibility.read(connection).works():
            return False
        run(database_url, "head")
        return True


def run(database_url: str, revision: str, *, down: bool = False) -> None:
    """Upgrade or downgrade to a revision with Alembic, in one transaction.

    Raises:
        Unavailable: another transaction holds a lock on a table to alter; nothing was changed.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError

    from shared.db.session import driver_url

    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    engine = create_engine(driver_url(database_url))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            (command.downgrade if down else command.upgrade)(config, revision)
            connection.commit()
    except OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        raise Unavailable(
            f"nothing was changed: the lock on a table was not acquired within {PATIENCE}. `novacron doctor` lists "
            "blocking transactions, such as a running backup; retry when they have ended"
        ) from None
    finally:
        engine.dispose()


def main() -> int:
    """Migrate the database to the newest schema, and print whether anything was done.

    Raises:
        BadInput: a setting breaks its rule, or the schema is newer and no longer supports this version.
        Unavailable: the database does not answer, or a table is locked.
    """
    parser = argparse.ArgumentParser(prog="python -m shared.db.migrate", description=__doc__)
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="only wait, at most this long, until another process has migrated it",
    )
    for_s = parser.parse_args().wait
    url = load().database_url
    try:
        if for_s is not None:
            wait(url, for_s)
            return 0
        done = upgrade(url)
        with psycopg.connect(url, autocommit=True) as connection:
            found = compatibility.read(connection)
    except psycopg.Error as error:
        raise compatibility.refused(error) from None
    outcome = "migrated" if done else "already at the newest schema"
    print(
        outcome
        if found.revision == newest()
        else f"the database has {found}, which is newer and supports this version"
    )
    return 0


if __name__ == "__main__":
    edge.run(main)
