"""A worker's heartbeat file, read by probes without querying any service."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

READY = "takes tasks"
DEAF = "receives nothing from the broker"
AWAY = "cannot reach the database"
DRAINING = "takes no more tasks"
RECORD = 64
"""Size of the file in bytes: written in one call, so that it is never read partially."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A worker's last heartbeat.

    Attributes:
        state: one of the words above.
        age_s: seconds since then, by the monotonic clock.
    """

    state: str
    age_s: float


def beat(file: str, state: str) -> None:
    """Write the worker's state.

    Raises:
        OSError: the file cannot be written.
    """
    record = f"{time.monotonic():.3f} {state}\n".encode().ljust(RECORD)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.write(descriptor, record)
    finally:
        os.close(descriptor)


def last(file: str) -> Heartbeat | None:
    """Return the last heartbeat, None if there is none.

    Raises:
        ValueError: the file has other content.
        OSError: it cannot be read.
    """
    try:
        at, state = Path(file).read_text().strip().split(" ", 1)
    except FileNotFoundError:
        return None
    return Heartbeat(state, max(0.0, time.monotonic() - float(at)))
