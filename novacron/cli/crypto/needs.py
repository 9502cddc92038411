"""Dependents and uses of a key, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def lines(found: Iterable[Mapping[str, Any]], *, abandonable: bool) -> list[str]:
    """Return one line for each object that depends on the key, with the remedy.

    Args:
        found: the objects.
        abandonable: whether they may be abandoned.
    """
    return [
        f"refused: {one['kind']} {one['name']} {one['why']} ({one['cure']}"
        + (f"; or --abandon {one['name']})" if abandonable else ")")
        for one in found
    ]


def uses(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return one line for each recorded use."""
    return [
        f"{one['what']} {one['count']} times, {one['where']}"
        + (f", last on {one['last_at'][:10]}" if one["last_at"] else "")
        for one in found
    ] or ["no use is recorded"]
