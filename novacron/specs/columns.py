"""Heuristic checks of a table's columns, reported as warnings."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

FEWEST_ROWS = 6
"""Fewest rows for the index heuristic; with fewer, a column may look like an index by chance."""
SQUEEZED = 0.02
"""A value is reported as an outlier if all others lie within this share of the column's range."""
SHOWN = 5

_ID_NAME = re.compile(
    r"(.*[_. -])?(id|idx|index|no|nr|number|row|row_?id|uuid|key)|unnamed: *\d+", re.IGNORECASE
)
_NINES = re.compile(r"-?9{2,}")


def doubts(columns: Sequence[Sequence[float]], names: Sequence[str], *, named: bool = True) -> Iterator[str]:
    """Yield a warning for columns that resemble an index, and for values that resemble missing-value markers.

    Args:
        columns: values of each column, all of equal length.
        names: one name per column.
        named: whether these are the data's own column names, so that columns can be dropped by name.
    """
    for name, column in zip(names, columns, strict=True):
        called, cure = (repr(name), f"leave it out: `drop: [{name}]`") if named else (name, "leave it out")
        if is_index(column, name):
            yield f"column {called} looks like an index of the rows, unrelated to the classes; {cure}"
            continue
        mark = sentinel(column)
        if mark is not None:
            yield (
                f"column {called}: {mark:g} looks like a mark for a missing value; fill it in, leave its rows"
                f" out, or {cure}"
            )


def is_index(column: Sequence[float], name: str) -> bool:
    """Return whether distinct whole numbers are sorted, fill their range, or are called an id."""
    if len(column) < FEWEST_ROWS or not all(map(float.is_integer, map(float, column))):
        return False
    if len(set(column)) < len(column):
        return False
    steps = {math.copysign(1.0, b - a) for a, b in pairwise(column)}
    filled = max(column) - min(column) == len(column) - 1
    return len(steps) == 1 or filled or bool(_ID_NAME.fullmatch(name))


def sentinel(column: Sequence[float]) -> float | None:
    """Return a value such as -999 or 9999 far from all others, or one that squeezes their range."""
    values = sorted(set(column))
    if len(values) < 3:
        return None
    for end, rest in ((values[0], values[1:]), (values[-1], values[:-1])):
        width = rest[-1] - rest[0]
        gap = min(abs(end - rest[0]), abs(end - rest[-1]))
        if float(end).is_integer() and _NINES.fullmatch(str(int(end))) and gap > width:
            return float(end)
        if width < SQUEEZED * (width + gap) and abs(end) >= 1e3:
            return float(end)
    return None


def shown(names: Sequence[str]) -> str:
    """Return names for a message, only the first few of many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(repr, names[:SHOWN])) + more
