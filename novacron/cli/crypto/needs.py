"""Who needs a key, and how it was used, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def lines(found: Iterable[Mapping[str, Any]], *, abandonable: bool) -> list[str]:
    """One line for each object that needs what would end, with the cure.

    Args:
        found: the objects.
        abandonable: whether they may be given up.
    """
    return [
        f"refused: {one['kind']} {one['name']} {one['why']} ({one['cure']}"
        + (f"; or --abandon {one['name']})" if abandonable else ")")
        for one in found
    ]


def uses(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each use on record."""
    return [
        f"{one['what']} {one['count']} times, {one['where']}"
        + (f", last on {one['last_at'][:10]}" if one["last_at"] else "")
        for one in found
    ] or ["no use of it is on record"]
