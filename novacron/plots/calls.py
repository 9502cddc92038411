"""The curve of a session: the first value of each call, and those that were known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron.errors import BadInput
from novacron.plots import drawing
from novacron.plots.style import BLUE, GREY, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from novacron.plots.drawing import Picture


def draw(name: str, calls: Sequence[Mapping[str, Any]], path: str | PathLike[str] | None = None) -> Picture:
    """Draw the first value of each call of a session.

    Args:
        name: name of the session.
        calls: its calls, in order.
        path: file for the PNG; None for none.

    Raises:
        BadInput: no call has a value, matplotlib is not installed, or the file cannot be written.
    """
    if all(call["value"] is None for call in calls):
        raise BadInput("no call of this session has a value to draw", value=name)
    return drawing.drawn(partial(_curve, name, calls), path)


def _curve(name: str, calls: Sequence[Mapping[str, Any]], figure: Figure) -> None:
    axes = figure.subplots()
    told = [call for call in calls if call["value"] is not None]
    axes.plot([call["position"] for call in told], [call["value"] for call in told], color=GREY, lw=0.8)
    for known, text, colour in ((True, "known", GREY), (False, "computed", BLUE)):
        chosen = [call for call in told if call["from_cache"] is known]
        places, values = [call["position"] for call in chosen], [call["value"] for call in chosen]
        axes.plot(places, values, ".", color=colour, label=f"{text} ({len(chosen):,})")
    axes.set_xlabel("call")
    axes.set_ylabel("first value of the answer")
    axes.set_title(label(name))
    axes.legend(fontsize=8)
