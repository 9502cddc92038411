"""Dotted paths of keys in a job that is not validated yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from novacron.errors import BadInput

_NAMED = ("ansatz", "optimizer", "model")
"""Keys whose mapping may be written as the bare name."""


def split(path: str, field: str) -> list[str]:
    """Return the parts of a path.

    Args:
        path: keys with dots between them.
        field: what an error names.

    Raises:
        BadInput: a part is empty.
    """
    parts = path.split(".")
    if not all(parts):
        raise BadInput("must be keys with dots between them", field=field, value=path)
    return parts


def assigned(data: Any, parts: Sequence[str], value: Any, path: str) -> Any:
    """Return a copy of the data with one value set; missing parents are created.

    Args:
        data: a job or a part of it.
        parts: of the path below `data`; a number is a position in a list.
        value: the new value.
        path: the whole path, which an error names.

    Raises:
        BadInput: the path leads through something that is neither a mapping nor a list.
    """
    if not parts:
        return value
    part, *rest = parts
    if isinstance(data, list):
        if not part.isascii() or not part.isdigit() or len(part) > 9 or int(part) >= len(data):
            raise BadInput(f"{part!r} is not a position in a list of {len(data)}", field=path)
        position = int(part)
        return [*data[:position], assigned(data[position], rest, value, path), *data[position + 1 :]]
    if data is not None and not isinstance(data, dict):
        raise BadInput(f"{part!r} cannot be set: what it belongs to is not a mapping", field=path, value=data)
    inner = (data or {}).get(part)
    if rest and part in _NAMED and isinstance(inner, str):
        inner = {"name": inner}
    return {**(data or {}), part: assigned(inner, rest, value, path)}
