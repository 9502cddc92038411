"""How much of a loop's values a picture shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def span(values: Sequence[float], lines: Iterable[float]) -> tuple[float, float]:
    """Return the lowest and the highest value worth showing, not padded.

    All lines and the way from the first value to the last are; a wild step of a line search, which would
    flatten the rest, is cut off half that range beyond them.

    Args:
        values: at least one finite number, in order of evaluation.
        lines: values to compare with.
    """
    core = [values[0], values[-1], *lines]
    low, high = min(core), max(core)
    beyond = 0.5 * (high - low)
    if beyond == 0:
        return min(values), max(values)
    return max(min(low, *values), low - beyond), min(max(high, *values), high + beyond)
