"""Connections to PostgreSQL: pooled by SQLAlchemy, in autocommit, used with SQL through psycopg.

Every state change in this package is one statement, hence one transaction; the few that need several open
`connection.transaction()` explicitly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from sqlalchemy import Engine as Engine

Connection = psycopg.Connection[Any]
READ_ONLY = psycopg.errors.ReadOnlySqlTransaction
LOST = (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout, READ_ONLY)
"""The connection or its server is lost, had no space, or accepts no writes (a standby after a failover, or a
full disk made read-only): on a new connection the same call may succeed.
"""
AWAY = (*LOST, psycopg.InterfaceError)
"""Errors of a request while the database is unavailable; the last if its connection was closed concurrently.
"""

LIMITS = "54"
"""SQLSTATE class of exceeded limits (too large or too complex), which psycopg maps to OperationalError."""


def cannot_hold(error: psycopg.Error) -> bool:
    """Return whether PostgreSQL permanently rejects a value: not representable, or too large."""
    return isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith(LIMITS)


KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""How a client detects a broken network path to the server (seconds; the last in milliseconds)."""

SILENCE = {
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}
"""How the server detects a client that is unreachable, or that was stopped while holding row locks."""

PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""Plans are cached per connection: the statements are few, and planning one takes longer than running it.

All of them use an index. Otherwise a plan made while the tables were small would scan them sequentially
forever: finishing a task was measured to take 1.8 ms instead of 0.5 ms.
"""


def _options(**more: str) -> str:
    return " ".join(f"-c {name}={value}" for name, value in (SILENCE | PLANNING | more).items())


def driver_url(url: str) -> str:
    """Return the same URL with SQLAlchemy's name for the psycopg driver."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def create(url: str, *, pool_size: int = 8) -> Engine:
    """Create an engine whose connections commit each statement and prepare it at its first use.

    SQLAlchemy is imported here, since workers need no pool and it adds half a second to their start.
    """
    from sqlalchemy import create_engine

    return create_engine(
        driver_url(url),
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        pool_use_lifo=True,  # a connection plans each statement at its first use, which takes some 5 ms
        max_overflow=8,
        pool_reset_on_return=None,
        connect_args={"prepare_threshold": 0, "options": _options(), **KEEPALIVE},
    )


def in_use(engine: Engine) -> float:
    """Return the number of the engine's connections currently checked out."""
    return float(engine.pool.checkedout())  # type: ignore[attr-defined]


@contextmanager
def borrowed(engine: Engine) -> Iterator[Connection]:
    """Check out a pooled connection; one that broke is discarded, together with the rest of the pool.

    Raises:
        psycopg.OperationalError: the database is unreachable.
    """
    try:
        pooled = engine.raw_connection()
    except Exception as error:
        raise psycopg.OperationalError(str(getattr(error, "orig", error))) from error
    connection: Connection = pooled.driver_connection  # type: ignore[assignment]
    try:
        yield connection
    except AWAY:
        pooled.invalidate()
        engine.dispose(close=False)
        raise
    finally:
        pooled.close()


def connect(url: str, *, name: str, durable: bool = True) -> Connection:
    """Open a dedicated connection, for a long-lived loop or thread.

    Args:
        url: `postgresql://...`.
        name: shown in pg_stat_activity.
        durable: False if losing the most recent commits in a crash of PostgreSQL costs only a retry (claims,
            heartbeats): commits then do not wait for the disk.
    """
    return psycopg.connect(
        url,
        autocommit=True,
        prepare_threshold=0,
        options=_options() if durable else _options(synchronous_commit="off"),
        application_name=name,
        **KEEPALIVE,
    )


def listen(connection: Connection, *channels: str) -> None:
    """Subscribe this connection to notification channels (`connection.notifies`)."""
    for channel in channels:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))


def takes_writes(connection: Connection) -> bool:
    """Return whether the database is neither a standby nor set to read-only."""
    row = connection.execute(
        "SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean"
    ).fetchone()
    return bool(row and row[0])
