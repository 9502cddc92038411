"""Rows of results that are arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from novacron.arrays import Array, read_arrays

SHOWN = 4
ARRAYS = ("expectations", "standard_errors", "gradient", "variances", "probabilities", "state")
"""Keys of numbers; `bits` and `counts` are told by their size."""
MOST_CIRCUITS = 20


def is_batch(result: Mapping[str, Any]) -> bool:
    """Return whether a circuit job's results are arrays."""
    return "points" in result or "results" in result


def rows(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the shape and the first numbers of each array, of at most `MOST_CIRCUITS` circuits."""
    several = result.get("results")
    if several is None:
        return [*_rows(result, "")]
    told = [row for k, one in enumerate(several[:MOST_CIRCUITS]) for row in _rows(one, f"circuit {k}: ")]
    rest = len(several) - MOST_CIRCUITS
    return told + ([("further circuits", str(rest))] if rest > 0 else [])


def _rows(result: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name in ARRAYS:
        if name in result:
            yield f"{prefix}{name.replace('_', ' ')}", _told(read_arrays(result[name]))
    if "counts" in result:
        yield f"{prefix}counts", f"{result.get('shots')} shots at points of shape {result['points']}"
    if "bits" in result:
        yield f"{prefix}bits", f"{result.get('shots')} shots in order, {result['measured_bits']} bits each"


def _told(value: Any) -> str:
    array = value if isinstance(value, Array) else Array.of(value)
    first = ", ".join(f"{one:.8g}" for one in array.values()[:SHOWN])
    more = ", ..." if array.size > SHOWN else ""
    return f"{first}{more}" + (f"  shape {list(array.shape)}" if array.shape else "")
