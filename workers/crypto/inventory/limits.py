"""Resource limits per file: a hostile file must neither exhaust resources nor hide other findings."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

from novacron.migration import InventoryError
from shared.crypto.found import Findings, Found, unread

LARGEST_BYTES = 4 << 20
"""Larger contents are examined only if their first bytes identify an encrypted file or an archive."""
MOST_FOUND = 2_000
"""Maximum number of findings listed per file; the rest is counted."""
MOST_ERRORS = 50
MOST_MEMBERS = 10_000
MOST_UNPACKED_BYTES = 256 << 20
MOST_SECONDS = 60.0
DEEPEST = 4
"""Maximum nesting depth of archives and base64."""


class TooMuch(Exception):  # noqa: N818 - it ends the look at a file, and is no fault
    """A file exceeds a limit, which the message names."""


class Limits:
    """The remaining budget of one file, including its archives' members."""

    def __init__(self) -> None:
        self._bytes = MOST_UNPACKED_BYTES
        self._members = MOST_MEMBERS
        self._end = monotonic() + MOST_SECONDS

    def unpack(self, n_bytes: int) -> None:
        """Account for decompressed bytes.

        Raises:
            TooMuch: the size or time limit is exceeded.
        """
        self._bytes -= n_bytes
        if self._bytes < 0:
            raise TooMuch(f"unpacks to more than {MOST_UNPACKED_BYTES:,} bytes: the rest was not examined")
        self.check_time()

    def member(self) -> None:
        """Account for a member of an archive.

        Raises:
            TooMuch: the number or time limit is exceeded.
        """
        self._members -= 1
        if self._members < 0:
            raise TooMuch(f"holds more than {MOST_MEMBERS:,} files: the rest was not examined")
        self.check_time()

    def check_time(self) -> None:
        """Check the time limit.

        Raises:
            TooMuch: it is exceeded.
        """
        if monotonic() > self._end:
            raise TooMuch(f"took more than {MOST_SECONDS:g} s: the rest was not examined")


def listed(found: Findings, location: str) -> Findings:
    """Yield the findings of one file up to the limit, and the number of those omitted.

    Args:
        found: all findings.
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
