"""When a point has enough shots, and how much work is left: functions of its counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, inf, sqrt

TRUSTED_ERRORS = 10
"""Logical errors from which the observed rate determines how much work is planned."""
GROWTH = 8
"""Factor by which the work of a point grows while it has fewer errors."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a point ends.

    Attributes:
        max_errors: logical errors.
        max_chunks: chunks.
    """

    max_errors: int
    max_chunks: int

    def end(self, errors: Sequence[int]) -> int | None:
        """Return the number of chunks after which the point ends, None if these do not suffice.

        It is the first prefix with enough errors, so that every order of work gives the same counts.

        Args:
            errors: errors of chunks 0, 1, ..., without a gap.
        """
        for count, total in enumerate(accumulate(errors), 1):
            if total >= self.max_errors or count >= self.max_chunks:
                return count
        return None

    def expected(self, errors: Sequence[int]) -> int:
        """Return the number of chunks to have next: enough to end, by the rate seen so far.

        One standard deviation more is planned than expected, so that two of three points end with this work.
        """
        total, count = sum(errors), len(errors)
        missing = self.max_errors - total
        wanted = inf if total == 0 else count * (total + missing + sqrt(missing)) / total
        if total < TRUSTED_ERRORS:
            wanted = min(wanted, GROWTH * count)
        return min(self.max_chunks, max(count + 1, ceil(wanted)))
