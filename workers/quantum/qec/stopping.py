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
    """Where a point ends: at the first limit that it reaches.

    Attributes:
        chunk_shots: shots in a chunk.
        max_chunks: chunks.
        max_errors: logical errors, None for no limit.
        relative_error: relative standard error of the rate, None for no limit.
        known_shots: shots sampled elsewhere, with which the point begins.
        known_errors: logical errors in them.
    """

    chunk_shots: int
    max_chunks: int
    max_errors: int | None = None
    relative_error: float | None = None
    known_shots: int = 0
    known_errors: int = 0

    def end(self, errors: Sequence[int]) -> int | None:
        """Return the number of chunks after which the point ends, None if these do not suffice.

        It is the first prefix that reaches a limit, so that every order of work gives the same counts.

        Args:
            errors: errors of chunks 0, 1, ..., without a gap.
        """
        for count, total in enumerate(accumulate(errors, initial=self.known_errors)):
            seen = count or self.known_shots
            if count >= self.max_chunks or (seen and total >= self._errors(total, count)):
                return count
        return None

    def expected(self, errors: Sequence[int]) -> int:
        """Return the number of chunks to have next: enough to end, by the rate seen so far.

        One standard deviation more is planned than expected, so that most points end with this work.
        """
        total, count = self.known_errors + sum(errors), len(errors)
        wanted = inf
        if total and (missing := self._errors(total, count) - total) < inf:
            wanted = count + (missing + sqrt(missing)) * self._shots(count) / self.chunk_shots / total
        if total < TRUSTED_ERRORS:
            wanted = min(wanted, GROWTH * count)
        return int(min(self.max_chunks, max(count + 1, ceil(wanted) if wanted < inf else inf)))

    def _errors(self, total: int, count: int) -> float:
        """Return the number of errors that reaches a limit, at the rate of these counts."""
        limit = inf if self.max_errors is None else self.max_errors
        if self.relative_error is None:
            return limit
        return min(limit, max(1, (1 - total / self._shots(count)) / self.relative_error**2))

    def _shots(self, count: int) -> int:
        """Return the shots of so many chunks, with those from elsewhere."""
        return self.known_shots + count * self.chunk_shots
