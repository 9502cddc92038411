"""State of the PostgreSQL server: its clock, its sessions, its TLS, and whether it accepts writes."""

from __future__ import annotations

from shared.db.session import Connection

# Sessions of this database that wait for a lock, and the sessions of any database that hold it.
BLOCKING = """
SELECT b.pid, b.application_name, coalesce(b.state, 'prepared transaction'), count(*),
       max(extract(epoch FROM clock_timestamp() - w.state_change))::float8
FROM pg_stat_activity w CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS holder(pid)
LEFT JOIN pg_stat_activity b ON b.pid = holder.pid
WHERE w.datname = current_database() AND w.wait_event_type = 'Lock'
  AND w.state_change < clock_timestamp() - %(longer_than)s * interval '1 second'
GROUP BY 1, 2, 3 ORDER BY 4 DESC
"""
# Idle in transaction: they hold locks, and prevent vacuum in every database from removing newer dead rows.
IDLE = """
SELECT pid, application_name, datname, extract(epoch FROM clock_timestamp() - xact_start)::float8
FROM pg_stat_activity
WHERE state IN ('idle in transaction', 'idle in transaction (aborted)')
  AND xact_start < clock_timestamp() - %(longer_than)s * interval '1 second' ORDER BY xact_start
"""
PREPARED = """
SELECT gid, database, extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts
WHERE prepared < clock_timestamp() - %(longer_than)s * interval '1 second' ORDER BY prepared
"""
TRIAL = "CREATE TEMPORARY TABLE doctor ON COMMIT DROP AS SELECT repeat('x', 8192) AS page"
OWN_SESSION = "SELECT ssl, version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
SETTINGS = """
SELECT name, setting FROM pg_settings
WHERE name IN ('ssl', 'ssl_min_protocol_version', 'ssl_groups', 'ssl_ecdh_curve', 'server_version_num')
"""


def blocking(connection: Connection, longer_than_s: float) -> list[tuple[int, str, str, int, float]]:
    """Return sessions that block others: process, name, state, number of waiters, longest wait in seconds."""
    return connection.execute(BLOCKING, {"longer_than": longer_than_s}).fetchall()


def idle(connection: Connection, longer_than_s: float) -> list[tuple[int, str, str, float]]:
    """Return idle open transactions of all databases: process, name, database, age in seconds."""
    return connection.execute(IDLE, {"longer_than": longer_than_s}).fetchall()


def prepared(connection: Connection, longer_than_s: float) -> list[tuple[str, str, float]]:
    """Return prepared transactions never ended: identifier, database, age in seconds."""
    return connection.execute(PREPARED, {"longer_than": longer_than_s}).fetchall()


def try_to_write(connection: Connection) -> None:
    """Write a page and discard it.

    Raises:
        ReadOnlySqlTransaction: the server accepts no writes.
        OperationalError: it failed otherwise, for lack of disk space for instance.
        InsufficientPrivilege: this user may create no temporary tables.
    """
    with connection.transaction():
        connection.execute(TRIAL)


def clock(connection: Connection) -> float:
    """Return the server's time, in seconds since 1970."""
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    assert row is not None
    return float(row[0])


def own_tls(connection: Connection) -> tuple[bool, str | None, str | None]:
    """Return whether this connection uses TLS, its version and its cipher suite."""
    return connection.execute(OWN_SESSION).fetchone() or (False, None, None)


def tls_settings(connection: Connection) -> dict[str, str]:
    """Return the server's version and its TLS settings, as far as it has them."""
    return dict(connection.execute(SETTINGS).fetchall())
