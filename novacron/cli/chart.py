"""A line chart in braille dots, for terminals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log10

from rich.text import Text

from novacron.plots.axis import span

BLANK = 0x2800
# Bit of each dot of a braille cell, by row and column. Source: Unicode Standard, block 2800-28FF.
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
CURVE_STYLE = "cyan"
LINE_STYLES = ("green", "yellow")
LABEL = 12


def draw(
    values: Sequence[float], lines: Mapping[str, float], width: int, height: int, *, log: bool = False
) -> Text:
    """Draw values by position, with labelled horizontal lines.

    Args:
        values: at least one finite number.
        lines: label to height; drawn dotted, labelled at the right.
        width: columns to fill, labels included; at least 40.
        height: rows to fill.
        log: a logarithmic axis; values and lines must be above 0.
    """
    if log:
        values, lines = list(map(log10, values)), {label: log10(value) for label, value in lines.items()}
        low, high = _decades(values, lines)
    else:
        low, high = _range(values, lines)
    margin = max((len(label) for label in lines), default=0)
    columns = width - LABEL - 2 - (margin + 1 if margin else 0)
    grid = _Grid(columns, height)
    marks: dict[int, tuple[str, str]] = {}
    for style, (label, value) in zip(LINE_STYLES, lines.items(), strict=False):
        row = grid.row(value, low, high)
        grid.dotted(row)
        marks[row // 4] = (label, style)
    grid.curve([grid.row(value, low, high) for value in values])
    return _rendered(grid, marks, _ticks(height, low, high, log))


def _range(values: Sequence[float], lines: Mapping[str, float]) -> tuple[float, float]:
    low, high = span(values, lines.values())
    pad = (high - low) * 0.04 or max(abs(high), 1.0) * 1e-6
    return low - pad, high + pad


def _decades(values: Sequence[float], lines: Mapping[str, float]) -> tuple[float, float]:
    shown = [*values, *lines.values()]
    return min(shown) - 0.1, max(shown) + 0.1


def _ticks(rows: int, low: float, high: float, log: bool) -> dict[int, str]:
    """Return the axis labels by row."""
    heights = {0: high, rows // 2: (low + high) / 2, rows - 1: low}
    if log:
        return {row: f"{10**value:.1e}" for row, value in heights.items()}
    digits = _digits(low, high)
    return {row: f"{value:.{digits}f}" for row, value in heights.items()}


class _Grid:
    """A grid of braille dots: two columns and four rows per character."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.lines = [[0] * columns for _ in range(rows)]
        self.curves = [[0] * columns for _ in range(rows)]

    def row(self, value: float, low: float, high: float) -> int:
        share = (high - value) / (high - low)
        return round(min(max(share, 0.0), 1.0) * (4 * self.rows - 1))

    def dotted(self, row: int) -> None:
        for x in range(0, 2 * self.columns, 3):
            self.lines[row // 4][x // 2] |= DOTS[row % 4][x % 2]

    def curve(self, heights: Sequence[int]) -> None:
        last = 2 * self.columns - 1
        for x in range(last + 1):
            start = x * (len(heights) - 1) / (last + 1)
            end = (x + 1) * (len(heights) - 1) / (last + 1)
            inner = heights[int(start) + 1 : int(end) + 1]
            reached = [_between(heights, start), *inner, _between(heights, end)]
            for y in range(min(reached), max(reached) + 1):
                self.curves[y // 4][x // 2] |= DOTS[y % 4][x % 2]


def _between(heights: Sequence[int], position: float) -> int:
    index = int(position)
    if index + 1 >= len(heights):
        return heights[-1]
    return round(heights[index] + (heights[index + 1] - heights[index]) * (position - index))


def _rendered(grid: _Grid, marks: Mapping[int, tuple[str, str]], ticks: Mapping[int, str]) -> Text:
    text = Text(no_wrap=True)
    for row in range(grid.rows):
        text.append(f"{ticks.get(row, ''):>{LABEL}} ", "dim").append("┤" if row in ticks else "│", "dim")
        label, style = marks.get(row, ("", "dim"))
        cells = zip(grid.curves[row], grid.lines[row], strict=True)
        for on_curve, run in groupby(cells, lambda cell: cell[0] != 0):
            dots = "".join(chr(BLANK | curve | line) for curve, line in run)
            text.append(dots, CURVE_STYLE if on_curve else style)
        text.append(f" {label}".rstrip(), style)
        text.append("\n" * (row + 1 < grid.rows))
    return text


def _digits(low: float, high: float) -> int:
    for digits in range(2, 9):
        if (high - low) * 10**digits >= 100:
            return digits
    return 8
