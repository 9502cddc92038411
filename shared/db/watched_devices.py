"""Devices of providers, as their workers last saw them: state, queue and calibration.

Workers write, schedulers read: they refuse jobs for devices that accept none, and list the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from novacron.json_types import JsonObject
from shared.db.session import Connection
from shared.db.statements import statement

STALE = 3.0
"""Number of intervals after which an answer says nothing any more."""

DUE = statement("watched_devices.due")
RECORD = statement("watched_devices.record")
REFUSE = "UPDATE watches SET refusal = %s, answered_at = clock_timestamp() WHERE backend = %s"
STATE = """
SELECT refusal, extract(epoch FROM clock_timestamp() - answered_at)::float8 FROM watches
WHERE backend = %s AND answered_at IS NOT NULL
"""
DEVICES = """
SELECT device, accepts, status, queue_length, calibration_id, seen_at,
       extract(epoch FROM clock_timestamp() - seen_at)::float8
FROM watched_devices WHERE backend = %s ORDER BY device
"""
CALIBRATION = "SELECT calibration FROM watched_devices WHERE backend = %s AND device = %s"


@dataclass(frozen=True, slots=True)
class Watched:
    """A device as it was last seen.

    Attributes:
        device: its name at the provider.
        accepts: whether it accepts jobs.
        status: the provider's word for that; `retired` if it is no longer listed.
        queue_length: number of waiting jobs, None if unknown.
        calibration_id: id of its calibration.
        seen_at: when it was last listed.
        age_s: seconds since then.
    """

    device: str
    accepts: bool
    status: str
    queue_length: int | None
    calibration_id: str
    seen_at: datetime
    age_s: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What a provider last answered.

    Attributes:
        age_s: seconds since then.
        refusal: why it accepts no jobs of this account: `message` and `hint`; None if it does.
        devices: its devices by name.
    """

    age_s: float
    refusal: Mapping[str, Any] | None
    devices: Mapping[str, Watched]


def due(connection: Connection, backend: str, every_s: float) -> bool:
    """Return whether the caller is to ask a provider now: one caller of all, once an interval."""
    return connection.execute(DUE, {"backend": backend, "every_s": every_s}).fetchone() is not None


def record(connection: Connection, backend: str, devices: Sequence[JsonObject]) -> None:
    """Record a provider's answer.

    Args:
        connection: the database.
        backend: name of the provider's backend.
        devices: each with the columns of the table as keys.
    """
    connection.execute(RECORD, {"backend": backend, "devices": json.dumps(devices)})


def refuse(connection: Connection, backend: str, message: str, hint: str | None) -> None:
    """Record why a provider accepts no jobs of this account; what was known of its devices stays."""
    connection.execute(REFUSE, (json.dumps({"message": message, "hint": hint}), backend))


def read(connection: Connection, backend: str) -> Watch | None:
    """Return what a provider last answered, None if it has never answered."""
    state = connection.execute(STATE, (backend,)).fetchone()
    if state is None:
        return None
    found = [Watched(*row) for row in connection.execute(DEVICES, (backend,))]
    return Watch(state[1], state[0], {one.device: one for one in found})


def calibration(connection: Connection, backend: str, device: str) -> JsonObject | None:
    """Return the last known calibration of a device, None for an unknown one."""
    row = connection.execute(CALIBRATION, (backend, device)).fetchone()
    return row[0] if row else None
