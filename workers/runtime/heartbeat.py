"""How a worker is, said in a file: a probe reads it and costs nobody a question."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

READY = "takes tasks"
DEAF = "hears nothing from the broker"
AWAY = "cannot reach the database"
DRAINING = "takes no more tasks"
RECORD = 64
"""Bytes of the file: written in one call, so that nobody reads half of it."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a worker said last.

    Attributes:
        state: one of the words above.
        age_s: seconds since then, by the clock that nobody sets.
    """

    state: str
    age_s: float


def beat(file: str, state: str) -> None:
    """Say how the worker is.

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
    """What was said last, None where nothing was.

    Raises:
        ValueError: the file holds something else.
        OSError: it cannot be read.
    """
    try:
        at, state = Path(file).read_text().strip().split(" ", 1)
    except FileNotFoundError:
        return None
    return Heartbeat(state, max(0.0, time.monotonic() - float(at)))
