"""What one file may cost: a hostile one must not use up what others need, nor hide them."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from novacron.migration import InventoryError
from shared.crypto.found import Findings, Found, unread

LARGEST_BYTES = 4 << 20
"""Larger contents are looked at only where their first bytes say that they are encrypted, or an archive."""
MOST_FOUND = 2_000
"""So many things of one file are listed; the others are counted."""
MOST_ERRORS = 50
MOST_MEMBERS = 10_000
MOST_UNPACKED_BYTES = 256 << 20
MOST_SECONDS = 60.0
DEEPEST = 4
"""So deep may archives and base64 be nested in each other."""


class TooMuch(Exception):  # noqa: N818 - it ends the look at a file, and is no fault
    """A file costs more than one may; the message says what of."""


class Limits:
    """What is left for one file, its archives' members included."""

    def __init__(self) -> None:
        self._bytes = MOST_UNPACKED_BYTES
        self._members = MOST_MEMBERS
        self._end = monotonic() + MOST_SECONDS

    def unpack(self, n_bytes: int) -> None:
        """Count bytes that came out of an archive.

        Raises:
            TooMuch: they are too many, or it took too long.
        """
        self._bytes -= n_bytes
        if self._bytes < 0:
            raise TooMuch(f"unpacks to more than {MOST_UNPACKED_BYTES:,} bytes: the rest was not looked at")
        self.check_time()

    def member(self) -> None:
        """Count a member of an archive.

        Raises:
            TooMuch: they are too many, or it took too long.
        """
        self._members -= 1
        if self._members < 0:
            raise TooMuch(f"holds more than {MOST_MEMBERS:,} files: the rest was not looked at")
        self.check_time()

    def check_time(self) -> None:
        """Whether there is time left.

        Raises:
            TooMuch: there is none.
        """
        if monotonic() > self._end:
            raise TooMuch(f"took more than {MOST_SECONDS:g} s: the rest was not looked at")


def listed(found: Findings, location: str) -> Findings:
    """What was found in one file: so much of it as is listed, and how much more there is.

    Args:
        found: all of it.
        location: the file.
    """
    assets = errors = 0
    try:
        for one in found:
            failed = isinstance(one, InventoryError)
            assets, errors = assets + (not failed), errors + failed
            if (errors <= MOST_ERRORS) if failed else (assets <= MOST_FOUND):
                yield one
    except TooMuch as reason:
        yield unread(location, str(reason))
    yield from _rest(assets - MOST_FOUND, errors - MOST_ERRORS, location)


def _rest(assets: int, errors: int, location: str) -> Iterator[Found | InventoryError]:
    if assets > 0:
        yield unread(location, f"holds {assets:,} more things, which are not listed")
    if errors > 0:
        yield unread(location, f"has {errors:,} more parts that cannot be read")
