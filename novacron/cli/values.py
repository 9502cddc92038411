"""Values of a result as short lines; long ones are cut and show their length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from novacron._table import named

SHOWN_ITEMS = 6
SHOWN_CHARACTERS = 72
SHOWN_LINES = 40
ALL = ("", "--json shows all")


def lines(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and text of each value; nested mappings are flattened as `outer.inner`."""
    found = list(islice(_flat("", values), SHOWN_LINES + 1))
    pairs = [(name.replace("_", " "), _text(value)) for name, value in found[:SHOWN_LINES]]
    cut = len(found) > SHOWN_LINES or any(_is_cut(value) for _, value in found)
    return [*pairs, ALL] if cut else pairs


def _flat(outer: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{outer}{name}.", value)
        else:
            yield f"{outer}{name}", value


def _text(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list):
        shown = ", ".join(_text(one) for one in value[:SHOWN_ITEMS])
        return f"[{shown}]" if not _is_long(value) else f"[{shown}, ...] ({len(value):,} in all)"
    text = str(value)
    return f"{text[:SHOWN_CHARACTERS]}... ({len(text):,} characters)" if _is_cut(value) else text


def _is_long(value: list[Any]) -> bool:
    return len(value) > SHOWN_ITEMS


def _is_cut(value: Any) -> bool:
    if isinstance(value, list):
        return _is_long(value) or any(map(_is_cut, value))
    return isinstance(value, str) and len(value) > SHOWN_CHARACTERS


def compilation(result: Mapping[str, Any], *_: object) -> list[tuple[str, str]]:
    """Return the main figures of a compiled circuit."""
    told: Mapping[str, Any] = result.get("metadata") or {}
    chance = (told.get("after") or {}).get("success_probability")
    return [
        ("two-qubit gates", str(told.get("two_qubit_count", ""))),
        ("depth", str(told.get("compiled_depth", ""))),
        ("success probability", "" if chance is None else f"{chance:.4g}"),
        ("strategy", str(told.get("strategy") or "")),
        ("verified", str(result.get("verified") or "")),
    ]


def sweep(result: Mapping[str, Any], *_: object) -> list[tuple[str, str]]:
    """Return the numbers of the jobs of a sweep, and the best of them."""
    best: Mapping[str, Any] = result.get("best") or {}
    coordinates: Mapping[str, Any] = best.get("coordinates") or {}
    where = ", ".join(f"{path} = {_text(named(value, whole=True))}" for path, value in coordinates.items())
    names = ("jobs", "completed", "failed", "cancelled", "cached")
    return [
        *((name, f"{result[f'n_{name}']:,}") for name in names if result.get(f"n_{name}")),
        ("best", f"{_text(best['value'])} at {where} (job {best['job_id']})" if best else ""),
    ]


def backend_of(placed: Mapping[str, Any]) -> str:
    """Return the backend of a job, a result or a placement, with its device, as a job names it."""
    return ":".join(str(placed[key]) for key in ("backend", "device") if placed.get(key))


def spread(result: Mapping[str, Any]) -> str:
    """Return the standard error behind a result's value, empty if it is exact."""
    error = result.get("std_error")
    return "" if error is None else f" ± {error:.2g}"
