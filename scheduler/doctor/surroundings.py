"""Checks of the environment: foreign transactions, full disks, clock skew."""

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
ROOM_BYTES = 256 << 20
CLOCKS_S = 1.0
"""Tolerated clock skew in seconds; more shows in certificates, which are valid at once, and in receipts."""


def transactions(connection: Connection) -> Finding:
    """Check for transactions that block others; last statements, possibly secret, are not shown."""
    told = [
        f"process {pid} ({name or 'no name'}, {state}) has kept {count} sessions waiting, {seconds:.0f} s"
        for pid, name, state, count, seconds in server.blocking(connection, WAITING_S)
    ]
    told += [
        f"process {pid} ({name or 'no name'}) has a transaction open in {database}, idle for {seconds:.0f} s"
        for pid, name, database, seconds in server.idle(connection, IDLE_S)
    ]
    prepared = server.prepared(connection, IDLE_S)
    told += [
        f"{gid!r} in {database} has been prepared for {seconds:.0f} s" for gid, database, seconds in prepared
    ]
    text = "; ".join(told[:SHOWN]) + (f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else "")
    cure = "end it where it was begun, or with SELECT pg_terminate_backend(PROCESS)"
    if prepared:
        cure += ", a prepared one with ROLLBACK PREPARED"
    return Finding("transactions", not told, text or "none stands in the way", cure)


def writes(connection: Connection) -> Finding:
    """Check whether PostgreSQL accepts writes."""
    try:
        server.try_to_write(connection)
    except errors.ReadOnlySqlTransaction:
        cure = "promote the standby, or point NOVACRON_DATABASE_URL at the primary"
        return Finding("writes", False, "PostgreSQL takes no writes now (read-only)", cure)
    except errors.OperationalError as error:
        return Finding("writes", False, str(error).splitlines()[0], "make room on the disk of PostgreSQL")
    except errors.InsufficientPrivilege:
        return Finding("writes", True, "not tried: temporary tables are not permitted to this user")
    return Finding("writes", True, "PostgreSQL takes them")


def redis_writes(publisher: Publisher) -> Finding:
    """Check whether the broker can persist its data."""
    failing = publisher.failed_writes()
    text = (
        f"the last {' and the last '.join(failing)} failed" if failing else "the broker's last ones are whole"
    )
    return Finding("redis writes", not failing, text, "make room on the disk of Redis, and look at its log")


def disk(folder: Path) -> Finding:
    """Check the free space for an embedded stack's data."""
    free = shutil.disk_usage(folder).free
    text = f"{free >> 20:,} MiB free at {folder}"
    return Finding("disk", free >= ROOM_BYTES, text, f"keep {ROOM_BYTES >> 20} MiB free there")


def clocks(connection: Connection) -> Iterator[Finding]:
    """Compare the clocks of this machine and of the workers with the database's."""
    before = time.time()
    there = server.clock(connection)
    # The database read its clock at some moment of the round trip, which may take seconds on a busy machine.
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
        "clocks", not off, "; ".join(off) or "agree within a second", "run NTP (chrony) on every machine"
    )


def _apart(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'}"
