"""Broadcasting of shapes by NumPy's rules, without NumPy."""

from __future__ import annotations

from itertools import zip_longest

Shape = tuple[int, ...]


def broadcast(left: Shape, right: Shape) -> Shape | None:
    """Return the common shape of two shapes, None if they do not broadcast.

    Source: NumPy user guide, section "Broadcasting".
    """
    pairs = [*zip_longest(reversed(left), reversed(right), fillvalue=1)]
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return None
    return tuple(b if a == 1 else a for a, b in reversed(pairs))
