"""Rows of a summary of logical error rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from novacron._quantity import Quantity

MOST_ROWS = 20
"""Rows of a live table; of more, the last ones are left out."""


def curves(points: Sequence[Mapping[str, Any]]) -> Table:
    """Return a table of rates so far: a row for each p, a column for each distance and decoder."""
    columns = list(dict.fromkeys((one["distance"], one["decoder"]) for one in points))
    heads = [f"d={distance} {decoder}" if distance else decoder for distance, decoder in columns]
    grid = Table.grid(padding=(0, 3))
    grid.add_row("p", *heads, style="dim")
    for p in sorted({one["p"] or 0.0 for one in points})[:MOST_ROWS]:
        found = {(one["distance"], one["decoder"]): one for one in points if (one["p"] or 0.0) == p}
        grid.add_row(f"{p:g}" if p else "", *(_so_far(found.get(column)) for column in columns))
    return grid


def _so_far(point: Mapping[str, Any] | None) -> str:
    if point is None:
        return ""
    if not point["rate"]:
        return f"< {point['rate_high']:.1e}"
    return f"{point['rate']:.3g} ± {100 * point['std_error'] / point['rate']:.0f} %"


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
