"""Where a value stops being a number that JSON and PostgreSQL can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any


def misfit(value: Any) -> str | None:
    """Say which number of a JSON value is not finite, by its place; None where all are."""
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
