"""Plots of logical error rates."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from novacron.plots.style import BLUE, GREEN, GREY, ORANGE, RED, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (BLUE, ORANGE, GREEN, RED, "#CC79A7", "#56B4E9", "#000000")
LINES = ("-", "--", ":", "-.")


def memory(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    """Draw the error rate over p for each distance, with bands of confidence, and the thresholds.

    Those of a circuit of the user, which has no p, are drawn by decoder.
    """
    result = job["result"]
    if result["points"][0]["code"] is None:
        _by_decoder(figure.subplots(), job)
        return
    points = sorted(result["points"], key=lambda one: (one["decoder"], one["distance"], one["p"]))
    distances = sorted({one["distance"] for one in points})
    decoders = sorted({one["decoder"] for one in points})
    axes = figure.subplots()
    for (decoder, distance), group in groupby(points, lambda one: (one["decoder"], one["distance"])):
        colour = COLOURS[distances.index(distance) % len(COLOURS)]
        line = LINES[decoders.index(decoder) % len(LINES)]
        name = f"d = {distance}" + (f", {decoder}" if len(decoders) > 1 else "")
        _curve(axes, list(group), colour, line, name)
    for threshold in (result.get("fit") or {}).get("thresholds", ()):
        half = (threshold["high"] - threshold["low"]) / 2
        axes.axvspan(threshold["low"], threshold["high"], color=GREY, alpha=0.25, linewidth=0)
        name = f"threshold {threshold['p']:.3%} ± {half:.3%}"
        name += f", {threshold['decoder']}" if len(decoders) > 1 else ""
        axes.axvline(threshold["p"], color=GREY, linewidth=1, label=name)
    _logarithmic(axes)
    axes.set_xlabel("physical error probability")
    axes.set_ylabel("logical error rate per shot")
    axes.set_title(title(job, f"{points[0]['code']} memory, basis {points[0]['basis']}"))
    axes.legend(fontsize=8)


def _by_decoder(axes: Axes, job: Mapping[str, Any]) -> None:
    points = job["result"]["points"]
    rates = [one["rate"] for one in points]
    below = [one["rate"] - one["rate_low"] for one in points]
    above = [one["rate_high"] - one["rate"] for one in points]
    axes.errorbar(range(len(points)), rates, (below, above), fmt="o", color=BLUE, capsize=4)
    axes.set_xticks(range(len(points)), [one["decoder"] for one in points])
    axes.set_xlim(-0.5, len(points) - 0.5)
    axes.set_ylabel("logical error rate per shot")
    axes.set_title(title(job, "circuit"))


def _curve(axes: Axes, points: list[Mapping[str, Any]], colour: str, line: str, name: str) -> None:
    """Draw the points with errors as a curve, and the intervals of all as a band."""
    p = [one["p"] for one in points]
    least = min(one["rate_high"] for one in points) / 10
    axes.fill_between(
        p,
        [max(one["rate_low"], least) for one in points],
        [one["rate_high"] for one in points],
        color=colour, alpha=0.2, linewidth=0,
    )  # fmt: skip
    seen = [one for one in points if one["rate"]]
    x, y = [one["p"] for one in seen], [one["rate"] for one in seen]
    axes.plot(x, y, line, color=colour, marker="o", markersize=3, label=name)


def _logarithmic(axes: Axes) -> None:
    """Make both axes logarithmic, with plain numbers at 1, 2 and 5 of each decade."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
