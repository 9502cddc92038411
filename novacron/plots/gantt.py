"""A Gantt chart of a migration plan, as PNG. matplotlib (extra `plot`) is imported on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron.plots.drawing import Picture, drawn
from novacron.plots.style import BLUE, GREEN, GREY, ORANGE, RED, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    "prepare": GREY,
    "enable_verifiers": BLUE,
    "enable_readers": BLUE,
    "canary": ORANGE,
    "switch": ORANGE,
    "rewrap": ORANGE,
    "reissue": ORANGE,
    "validate": GREEN,
    "retire": RED,
}
LABELS = {GREY: "prepare", BLUE: "accept both", ORANGE: "change", GREEN: "validate", RED: "retire"}
WAITING = "#DCE6EE"
ROW_IN, FRAME_IN, WIDTH_IN, TALLEST_IN = 0.28, 1.6, 9.0, 60.0
LONGEST_NAME = 48
THINNEST = 1 / 250
FARTHEST = 4


def draw(plan: Mapping[str, Any], path: str | PathLike[str] | None = None) -> Picture:
    """Draw a plan: a row for each component and algorithm, in order of their start.

    Args:
        plan: the plan's document.
        path: file for the PNG; None for none.

    Raises:
        BadInput: matplotlib is not installed, or the file cannot be written.
    """
    rows = _rows(plan["steps"])
    height = min(FRAME_IN + ROW_IN * len(rows), TALLEST_IN)
    return drawn(lambda figure: _chart(figure, plan, rows), path, (WIDTH_IN, height))


def _rows(steps: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        change = step["algorithm"]
        name = f"{', '.join(step['components'])}: {change['from']} → {change['to']}"
        rows.setdefault(name, []).append(step)
    return rows


def _chart(figure: Figure, plan: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    axes, timeline = figure.subplots(), plan["timeline"]
    start, end = _span(timeline)
    critical = set(timeline["critical_path"])
    for height, steps in enumerate(rows.values()):
        _bars(axes, height, steps, critical, (end - start) * THINNEST)
    axes.axvline(_number(timeline["deadline"]) + 1, color="black", linestyle="--", linewidth=1.1)
    axes.set_yticks(range(len(rows)), [label(name, LONGEST_NAME) for name in rows], fontsize=7)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(start, end + (end - start) * 0.02)
    axes.xaxis_date()
    axes.grid(axis="y", visible=False)
    axes.set_title(f"{label(plan['name'])}: ends {timeline['ends']}, deadline {timeline['deadline']}")
    _legend(figure)


def _span(timeline: Mapping[str, str]) -> tuple[float, float]:
    """Return the range of dates; a deadline far beyond the last step appears in the title only."""
    start, ends, deadline = (_number(timeline[name]) for name in ("start", "ends", "deadline"))
    return start, 1 + (deadline if deadline - start <= FARTHEST * (ends - start) else ends)


def _bars(
    axes: Axes, height: int, steps: Sequence[Mapping[str, Any]], critical: set[str], thinnest: float
) -> None:
    """Draw a row: its steps over a pale bar for the time between them; critical steps are outlined."""
    first = _number(steps[0]["starts"])
    axes.barh(height, _number(steps[-1]["ends"]) + 1 - first, 0.3, first, color=WAITING)
    for step in steps:
        begin = _number(step["starts"])
        width = max(_number(step["ends"]) + 1 - begin, thinnest)
        edge = "black" if step["id"] in critical else "none"
        axes.barh(height, width, 0.6, begin, color=COLOURS[step["type"]], edgecolor=edge, linewidth=0.6)


def _legend(figure: Figure) -> None:
    from matplotlib.patches import Patch

    named = [Patch(color=colour, label=label) for colour, label in LABELS.items()]
    named.append(Patch(color=WAITING, label="watched, both accepted"))
    named.append(Patch(facecolor="white", edgecolor="black", label="on the critical path"))
    figure.legend(handles=named, loc="outside lower center", ncols=len(named), fontsize=7)


def _number(day: str) -> float:
    """Convert a date to matplotlib's day number, counted from 1970."""
    return float(date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal())
