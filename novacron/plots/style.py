"""Colours, fonts and labels of all plots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novacron._text import on_one_line

# Distinguishable with every type of colour vision. Source: Okabe and Ito, Color Universal Design (2008).
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8A8A8A"
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "axes.formatter.useoffset": False,
    # Names contain dollars and backslashes, but no mathematics.
    "text.parse_math": False,
}
LONGEST_LABEL = 48
ERROR_BARS: dict[str, Any] = {"ecolor": "#404040", "elinewidth": 0.8, "capsize": 2.0}


def label(text: object, longest: int = LONGEST_LABEL) -> str:
    """Return user text as a label: on one line, truncated, invisible characters as code points."""
    return on_one_line(str(text), longest)


def title(job: Mapping[str, Any], text: str) -> str:
    """Return a title that begins with the job's name, if it has one."""
    return f"{label(job['name'])}: {text}" if job.get("name") else text
