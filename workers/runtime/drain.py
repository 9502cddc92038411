"""One byte shared by a worker and its children: whether it is shutting down, and since when."""

from __future__ import annotations

import mmap
import struct
import time

PATIENCE_S = 15.0
"""Tasks that do not check in have this long to end by themselves."""

_cell = mmap.mmap(-1, 8)


def request() -> None:
    """Called in the parent: take no more, give back what runs."""
    _cell[:8] = struct.pack("d", time.monotonic())


def requested() -> bool:
    """Whether the worker is shutting down."""
    return _cell[:8] != bytes(8)


def overdue() -> bool:
    """Whether it has been for longer than `PATIENCE_S`."""
    return requested() and time.monotonic() - float(struct.unpack("d", _cell[:8])[0]) > PATIENCE_S
