"""Plots of tables of jobs: one column over another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from novacron._table import check, is_number
from novacron.errors import BadInput
from novacron.plots.style import BLUE, ERROR_BARS, GREEN, GREY, ORANGE, RED, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
COLOURS = (BLUE, RED, ORANGE, GREEN, GREY)
MARKERS = "os^Dv"
MOST_LINES = 25
LEGEND_CHARACTERS = 110
"""Characters of a line of the legend, which is as wide as the figure."""
REFERENCES = {"e_exact": ("exact", "--"), "e_hf": ("Hartree–Fock", ":")}
"""Columns that are drawn beside `energy`: name and style of the line."""


@dataclass
class Lines:
    """What is drawn.

    Attributes:
        x: column along the axis.
        y: column of the values.
        by: column of which each value has a line; None for one line.
        values: value of `by` -> x -> values of the jobs there.
    """

    x: str
    y: str
    by: str | None
    values: dict[Any, dict[float, list[float]]] = field(default_factory=dict)


def lines(rows: Sequence[Row], x: str, y: str, by: str | None) -> Lines:
    """Return the points of flat rows; rows without one of the numbers are left out.

    Raises:
        BadInput: there is no such column, it has no numbers, or `by` has too many values.
    """
    check(rows, [x, y, *([by] if by else [])])
    found = Lines(x, y, by)
    for row in rows:
        if is_number(row[x]) and is_number(row[y]):
            line = found.values.setdefault(row[by] if by else None, {})
            line.setdefault(row[x], []).append(row[y])
    if not found.values:
        column = next((name for name in (x, y) if not any(is_number(row[name]) for row in rows)), y)
        raise BadInput("has no numbers to draw", value=column)
    if len(found.values) > MOST_LINES:
        raise BadInput(f"has {len(found.values):,} values, more than {MOST_LINES} lines", value=by)
    return found


def draw(figure: Figure, rows: Sequence[Row], found: Lines) -> None:
    """Draw the lines, and the references that belong to them."""
    axes = figure.subplots()
    for k, (value, line) in enumerate(found.values.items()):
        colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k // len(COLOURS)]
        name = found.y if found.by is None else f"{found.by.rpartition('.')[2]} {value}"
        xs = sorted(line)
        spreads = [stdev(line[x]) if len(line[x]) > 1 else 0.0 for x in xs]
        axes.errorbar(
            xs, [fmean(line[x]) for x in xs], spreads if any(spreads) else None, fmt=f"{marker}-",
            color=colour, markersize=4, label=label(name), **(ERROR_BARS | {"ecolor": colour}),
        )  # fmt: skip
    if found.y == "energy":
        for column, (name, style) in REFERENCES.items():
            _reference(axes, rows, found.x, column, name, style)
    axes.set_xlabel(label(found.x))
    axes.set_ylabel(label(found.y))
    axes.set_title(_title(rows, found))
    names = axes.get_legend_handles_labels()[1]
    if len(names) > 1:
        fitting = max(1, LEGEND_CHARACTERS // (max(map(len, names)) + 6))
        figure.legend(loc="outside lower center", ncols=min(len(names), fitting), fontsize=8)


def _reference(axes: Axes, rows: Sequence[Row], x: str, column: str, name: str, style: str) -> None:
    """Draw a reference where it is known, the same one for all jobs at an x."""
    at: dict[float, set[float]] = {}
    for row in rows:
        if is_number(row[x]) and is_number(row.get(column)):
            at.setdefault(row[x], set()).add(round(row[column], 9))
    if len(at) > 1 and all(len(values) == 1 for values in at.values()):
        xs = sorted(at)
        axes.plot(xs, [min(at[x]) for x in xs], style, color="black", linewidth=1.0, label=name)


def _title(rows: Sequence[Row], found: Lines) -> str:
    counts = [len(values) for line in found.values.values() for values in line.values()]
    of = f"{sum(counts):,} of {len(rows):,} jobs" if sum(counts) < len(rows) else f"{len(rows):,} jobs"
    return of + (", mean ± standard deviation" if max(counts) > 1 else "")
