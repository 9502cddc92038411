"""Checks of the environment: blocking transactions, full disks, clock skew."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from scheduler.doctor.finding import Finding
from shared.broker.publisher import Publisher
from shared.db import errors, server, workers
from shared.db.session import Connection

IDLE_S = 60.0
WAITING_S = 2.0
SHOWN = 3
FREE_BYTES = 256 << 20
CLOCKS_S = 1.0
"""Tolerated clock skew in seconds; more affects certificate validity and the times in receipts."""


def transactions(connection: Connection) -> Finding:
    """Check for blocking transactions; their statements are not shown, since they may contain secrets."""
    blocking = [
        f"process {pid} ({name or 'no name'}, {state}) has blocked {count} sessions for {seconds:.0f} s"
        for pid, name, state, count, seconds in server.blocking(connection, WAITING_S)
    ]
    blocking += [
        f"process {pid} ({name or 'no name'}) has an open transaction in {database}, idle for {seconds:.0f} s"
        for pid, name, database, seconds in server.idle(connection, IDLE_S)
    ]
    prepared = server.prepared(connection, IDLE_S)
    blocking += [
        f"{gid!r} in {database} has been prepared for {seconds:.0f} s" for gid, database, seconds in prepared
    ]
    text = "; ".join(blocking[:SHOWN]) + (
        f"; and {len(blocking) - SHOWN} more" if len(blocking) > SHOWN else ""
    )
    cure = "end it in its client, or with SELECT pg_terminate_backend(PROCESS)"
    if prepared:
        cure += ", or a prepared one with ROLLBACK PREPARED"
    return Finding("transactions", not blocking, text or "none blocks others", cure)


def writes(connection: Connection) -> Finding:
    """Check whether PostgreSQL accepts writes."""
    try:
        server.try_to_write(connection)
    except errors.ReadOnlySqlTransaction:
        cure = "promote the standby, or point NOVACRON_DATABASE_URL at the primary"
        return Finding("writes", False, "PostgreSQL is read-only", cure)
    except errors.OperationalError as error:
        return Finding("writes", False, str(error).splitlines()[0], "free space on PostgreSQL's disk")
    except errors.InsufficientPrivilege:
        return Finding("writes", True, "not checked: this user may not create temporary tables")
    return Finding("writes", True, "PostgreSQL accepts writes")


def redis_writes(publisher: Publisher) -> Finding:
    """Check whether the broker can persist its data."""
    failing = publisher.failed_writes()
    text = f"the last {' and the last '.join(failing)} failed" if failing else "the last ones succeeded"
    return Finding("redis writes", not failing, text, "free space on Redis's disk, and see its log")


def disk(folder: Path) -> Finding:
    """Check the free space for an embedded stack's data."""
    free = shutil.disk_usage(folder).free
    text = f"{free >> 20:,} MiB free at {folder}"
    return Finding("disk", free >= FREE_BYTES, text, f"keep at least {FREE_BYTES >> 20} MiB free")


def clocks(connection: Connection) -> Iterator[Finding]:
    """Compare the clocks of this machine and of the workers with the database's."""
    before = time.time()
    there = server.clock(connection)
    # The database read its clock during the round trip, which may take seconds on a busy machine.
    ahead = {"this machine": max(before - there, 0.0) + min(time.time() - there, 0.0)}
    for worker in workers.listing(connection):
        if worker["healthy"] and worker["clock_ahead_s"] is not None:
            ahead.setdefault(worker["host"], worker["clock_ahead_s"])
    off = [
        f"{host} is {_apart(seconds)} the database"
        for host, seconds in ahead.items()
        if abs(seconds) > CLOCKS_S
    ]
    yield Finding(
        "clocks",
        not off,
        "; ".join(off) or "within one second of each other",
        "run NTP (chrony) on every machine",
    )


def _apart(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'}"
