"""Axis limits for a loop's values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def span(values: Sequence[float], lines: Iterable[float]) -> tuple[float, float]:
    """Return the lowest and the highest value worth showing, without padding.

    The range includes all lines and the values from the first to the last; outliers of line searches, which
    would flatten the rest, are cut off at half that range beyond them.

    Args:
        values: at least one finite number, in order of evaluation.
        lines: reference values.
    """
    core = [values[0], values[-1], *lines]
    low, high = min(core), max(core)
    beyond = 0.5 * (high - low)
    if beyond == 0:
        return min(values), max(values)
    return max(min(low, *values), low - beyond), min(max(high, *values), high + beyond)
