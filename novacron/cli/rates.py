"""Rows of a summary of logical error rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novacron._quantity import Quantity


def rows(
    result: Mapping[str, Any], references: Mapping[str, float], quantity: Quantity
) -> list[tuple[str, str]]:
    """Return the rate of each point with its interval and counts, then Lambda and thresholds."""
    found = result.get("fit") or {}
    return [
        *((_name(point), _rate(point)) for point in result.get("points") or ()),
        *(
            (f"Lambda p={one['p']:g} {one['decoder']}", _value(one, "value"))
            for one in found.get("lambdas", ())
        ),
        *((f"threshold {one['decoder']}", _value(one, "p")) for one in found.get("thresholds", ())),
    ]


def _name(point: Mapping[str, Any]) -> str:
    if point["code"] is None:
        return str(point["decoder"])
    return f"d={point['distance']} p={point['p']:g} {point['decoder']}"


def _rate(point: Mapping[str, Any]) -> str:
    interval = f"{point['rate_low']:.3g} to {point['rate_high']:.3g}"
    return f"{point['rate']:.3g} ({interval}), {point['errors']:,} errors in {point['shots']:,} shots"


def _value(fitted: Mapping[str, Any], name: str) -> str:
    return f"{fitted[name]:.4g} ({fitted['low']:.4g} to {fitted['high']:.4g})"
