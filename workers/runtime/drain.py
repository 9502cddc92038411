"""One byte shared by a worker and its children: whether it is draining, and since when."""

from __future__ import annotations

import mmap
import struct
import time

PATIENCE_S = 15.0
"""Seconds that tasks without checkpoints have to finish."""

_cell = mmap.mmap(-1, 8)


def request() -> None:
    """Request a drain, in the parent: take no more tasks, release running ones."""
    _cell[:8] = struct.pack("d", time.monotonic())


def requested() -> bool:
    """Return whether the worker is draining."""
    return _cell[:8] != bytes(8)


def overdue() -> bool:
    """Return whether it has been draining for longer than `PATIENCE_S`."""
    return requested() and time.monotonic() - float(struct.unpack("d", _cell[:8])[0]) > PATIENCE_S
