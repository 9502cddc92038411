"""Finds non-finite numbers, which JSON and PostgreSQL cannot represent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any


def misfit(value: Any) -> str | None:
    """Return the path of a non-finite number in a JSON value; None if all are finite."""
    return next(_misfits(value, ""), None)


def _misfits(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, float):
        if not math.isfinite(value):
            yield f"{place.removeprefix('.') or 'it'} is {value}"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _misfits(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _misfits(inner, f"{place}[{position}]")
