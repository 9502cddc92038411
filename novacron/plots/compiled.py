"""Pictures of compilations: the circuit before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from novacron.plots.circuit_columns import (
    CONTROL,
    CROSS,
    TARGET,
    Mark,
    Wire,
    arrange,
    compiled_wires,
    folded,
    source_wires,
    widths,
)
from novacron.plots.style import BLUE, GREY, ORANGE, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTHS, TALLEST = (12.0, 18.0, 24.0, 30.0), 60.0
"""Widths of a picture, of which the first is taken that is enough, and its greatest height; in inches."""
UPRIGHT = 1.2
"""Greatest height of a picture over its width, unless it has the last width."""
MARGIN, ROW, TITLE, FOLD = 0.2, 0.3, 0.42, 0.22
BOX, PADDING, DOT, RING = 0.21, 0.05, 0.035, 0.075
FONT_POINTS = 7.5
CHARACTER = FONT_POINTS * 0.602 / 72
"""Width of a character: DejaVu Sans Mono, which Matplotlib brings, has 0.602 em."""
PALE_BLUE, PALE_ORANGE, PALE_GREY = "#DCEBF6", "#FBEBC8", "#EEEEEE"


def compilation(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    """Draw a compilation's circuit before and after, each with its figures; long circuits are folded."""
    source, result = job["spec"]["circuit"]["record"], job["result"]
    told, made = result["metadata"], result["circuit"]
    before = title(job, f"before: {_figures(told['before'])}"), source, source_wires(source)
    device = job["spec"]["backend"]
    after = f"{device}: {_figures(told['after'])}", made, compiled_wires(made, result["layout"])
    for width in WIDTHS:
        parts = [_Part(*one, width) for one in (before, after)]
        height = 2 * MARGIN + sum(part.height for part in parts)
        if height <= UPRIGHT * width:
            break
    figure.set_layout_engine("none")
    figure.set_size_inches(width, height)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    top = MARGIN
    for part in parts:
        part.draw(axes, top)
        top += part.height


def _figures(told: Mapping[str, Any]) -> str:
    text = f"depth {told['depth']:,}, {told['two_qubit_count']:,} two-qubit gates"
    if (success := told.get("success_probability")) is not None:
        text += f", success probability {success:.3g}"
    return text


class _Part:
    """One circuit of the picture."""

    def __init__(self, title: str, record: Mapping[str, Any], wires: Sequence[Wire], width: float) -> None:
        self._title, self._wires = title, wires
        self._marks = arrange(record, wires)
        self._sizes = [size * CHARACTER + 4 * PADDING for size in widths(self._marks)]
        self._begin, self._end = (
            max(map(len, texts), default=0) * CHARACTER + 2 * PADDING
            for texts in ([wire.begin for wire in wires], [wire.end for wire in wires])
        )
        lines = folded(self._sizes, width - 2 * MARGIN - self._begin - self._end)
        most = max(1, int((TALLEST / 2 - TITLE) / self._fold_height))
        self._lines, left = lines[:most], lines[most:]
        self._left_out = sum(map(len, left))

    @property
    def _fold_height(self) -> float:
        return len(self._wires) * ROW + FOLD

    @property
    def height(self) -> float:
        return TITLE + len(self._lines) * self._fold_height

    def draw(self, axes: Axes, top: float) -> None:
        more = f" (the last {self._left_out:,} columns are not drawn)" if self._left_out else ""
        axes.text(MARGIN, top + TITLE / 2, self._title + more, fontsize=10, va="center")
        top += TITLE
        by_column: dict[int, list[Mark]] = {}
        for mark in self._marks:
            by_column.setdefault(mark.column, []).append(mark)
        for columns in self._lines:
            self._draw_wires(axes, top, columns)
            x = MARGIN + self._begin
            for column in columns:
                x += self._sizes[column]
                for mark in by_column[column]:
                    _draw_mark(axes, x - self._sizes[column] / 2, top, mark)
            top += self._fold_height

    def _draw_wires(self, axes: Axes, top: float, columns: range) -> None:
        left = MARGIN + self._begin
        right = left + sum(self._sizes[column] for column in columns)
        whole = columns.stop == len(self._sizes)
        for row, wire in enumerate(self._wires):
            y = top + (row + 0.5) * ROW
            axes.plot((left, right), (y, y), color=GREY, linewidth=0.7, zorder=1)
            _write(axes, MARGIN, y, wire.begin, ha="left")
            if whole:
                _write(axes, right + PADDING, y, wire.end, ha="left")


def _draw_mark(axes: Axes, x: float, top: float, mark: Mark) -> None:
    first, last = (top + (row + 0.5) * ROW for row in mark.span)
    several = len(mark.symbols) > 1
    if mark.joined and several:
        axes.plot((x, x), (first, last), color=BLUE, linewidth=1, zorder=2)
    for row, text in mark.symbols.items():
        y = top + (row + 0.5) * ROW
        if several and text == TARGET:
            _circle(axes, x, y, RING, "white")
            _lines(axes, x, y, ((RING, 0.0), (0.0, RING)))
        elif text == CONTROL:
            _circle(axes, x, y, DOT, BLUE)
        elif text == CROSS:
            _lines(axes, x, y, ((RING * 0.8, RING * 0.8), (RING * 0.8, -RING * 0.8)))
        elif not mark.joined:
            axes.plot((x, x), (y - ROW / 2, y + ROW / 2), color=GREY, linewidth=1, linestyle=":", zorder=3)
        else:
            _box(axes, x, y, text, several)


def _circle(axes: Axes, x: float, y: float, radius: float, fill: str) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle((x, y), radius, facecolor=fill, edgecolor=BLUE, linewidth=1, zorder=3))


def _lines(axes: Axes, x: float, y: float, ends: Sequence[tuple[float, float]]) -> None:
    for dx, dy in ends:
        axes.plot((x - dx, x + dx), (y - dy, y + dy), color=BLUE, linewidth=1, zorder=4)


def _box(axes: Axes, x: float, y: float, text: str, several: bool) -> None:
    from matplotlib.patches import Rectangle

    width = max(BOX, len(text) * CHARACTER + 2 * PADDING)
    read = text.startswith(("M ", "|0>", "if ")) or text in ("M", "if")
    fill, edge = (PALE_GREY, GREY) if read else (PALE_ORANGE, ORANGE) if several else (PALE_BLUE, BLUE)
    corner = (x - width / 2, y - BOX / 2)
    axes.add_patch(Rectangle(corner, width, BOX, facecolor=fill, edgecolor=edge, linewidth=0.7, zorder=3))
    _write(axes, x, y, text, ha="center")


def _write(axes: Axes, x: float, y: float, text: str, ha: str) -> None:
    if text:
        axes.text(x, y, text, fontsize=FONT_POINTS, family="DejaVu Sans Mono", ha=ha, va="center", zorder=5)
