"""What looks wrong in the columns of a table: said as warnings, for the data alone cannot prove it."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

FEWEST_ROWS = 6
"""Rows below which a column may look like an index by chance."""
SQUEEZED = 0.02
"""Share of a column's range that is left for all values but one where that one is told."""
SHOWN = 5

_ID_NAME = re.compile(
    r"(.*[_. -])?(id|idx|index|no|nr|number|row|row_?id|uuid|key)|unnamed: *\d+", re.IGNORECASE
)
_NINES = re.compile(r"-?9{2,}")


def doubts(columns: Sequence[Sequence[float]], names: Sequence[str], *, named: bool = True) -> Iterator[str]:
    """Say what columns look like an index, and which values look like marks for missing ones.

    Args:
        columns: the values of each column, all of one length.
        names: one a column.
        named: whether the columns have these names in the data, so that they can be dropped by name.
    """
    for name, column in zip(names, columns, strict=True):
        called, cure = (repr(name), f"leave it out: `drop: [{name}]`") if named else (name, "leave it out")
        if is_index(column, name):
            yield f"column {called} looks like an index of the rows, which tells nothing of new rows; {cure}"
            continue
        mark = sentinel(column)
        if mark is not None:
            yield (
                f"column {called}: {mark:g} looks like a mark for a missing value; fill it in, leave its rows"
                f" out, or {cure}"
            )


def is_index(column: Sequence[float], name: str) -> bool:
    """Whether whole numbers, all different, run up or down, fill their range, or are called an id."""
    if len(column) < FEWEST_ROWS or not all(map(float.is_integer, map(float, column))):
        return False
    if len(set(column)) < len(column):
        return False
    steps = {math.copysign(1.0, b - a) for a, b in pairwise(column)}
    filled = max(column) - min(column) == len(column) - 1
    return len(steps) == 1 or filled or bool(_ID_NAME.fullmatch(name))


def sentinel(column: Sequence[float]) -> float | None:
    """A value such as -999 or 9999 far from all others, or one value that leaves them hardly any range."""
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
    """Names for a message, the first few of many."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(map(repr, names[:SHOWN])) + more
