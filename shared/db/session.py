"""Connections to PostgreSQL: pooled by SQLAlchemy, in autocommit, spoken to in SQL through psycopg.

Every state change in this package is one statement, hence one transaction; the few that need several open
`connection.transaction()` themselves.
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
"""The connection or its server is gone, had no room, or takes no writes (a standby after a fail-over, or a
disk put into safety): on a new connection the same call may succeed."""
AWAY = (*LOST, psycopg.InterfaceError)
"""What a request may meet while the database is away; the last where its connection was closed under it."""

LIMITS = "54"
"""Class of SQLSTATE for what is too large or too deep; psycopg counts it among its OperationalErrors."""


def cannot_hold(error: psycopg.Error) -> bool:
    """Whether PostgreSQL refuses a value, and would again: one it has no form for, or that is too large."""
    return isinstance(error, psycopg.DataError) or (error.sqlstate or "").startswith(LIMITS)


KEEPALIVE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""How a client notices that the way to the server is cut (seconds; the last in milliseconds)."""

SILENCE = {
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}
"""How the server notices that a client is cut off, or was stopped with rows locked."""

PLANNING = {
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""Plans are made once a connection: the statements are few, and planning one takes longer than running it.

All of them go by an index. A plan made while the tables were small would else read them whole for ever after:
finishing a task was seen to take 1.8 ms instead of 0.5 ms.
"""


def _options(**more: str) -> str:
    return " ".join(f"-c {name}={value}" for name, value in (SILENCE | PLANNING | more).items())


def driver_url(url: str) -> str:
    """The same URL with SQLAlchemy's name for the psycopg driver."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def create(url: str, *, pool_size: int = 8) -> Engine:
    """An engine whose connections commit each statement and prepare it at its first use.

    SQLAlchemy is loaded here, since workers need no pool and no half a second more to start.
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
    """How many of the engine's connections are borrowed now."""
    return float(engine.pool.checkedout())  # type: ignore[attr-defined]


@contextmanager
def borrowed(engine: Engine) -> Iterator[Connection]:
    """A pooled connection; one that broke is thrown away, and its siblings with it.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
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
    """A connection of its own, for a loop or a thread that lives long.

    Args:
        url: `postgresql://...`.
        name: shown in pg_stat_activity.
        durable: False where losing the last moment in a crash of PostgreSQL costs nothing but a retry
            (claims, heartbeats): commits then do not wait for the disk.
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
    """Have what is told on these channels sent to this connection (`connection.notifies`)."""
    for channel in channels:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))


def takes_writes(connection: Connection) -> bool:
    """Whether the database is no standby and nobody has made it read-only."""
    row = connection.execute(
        "SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean"
    ).fetchone()
    return bool(row and row[0])
