"""Ids that sort by creation time."""

from __future__ import annotations

import secrets
import time

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new(prefix: str) -> str:
    """Return the prefix and a ULID: 48 bits of time in milliseconds, 80 random bits, Crockford base 32."""
    number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return prefix + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
