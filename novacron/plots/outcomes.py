"""Plots of outcome distributions: of circuits, and of QAOA samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from novacron.errors import BadInput
from novacron.plots.style import BLUE, ERROR_BARS, GREEN, GREY, label, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOP_OUTCOMES = 32
TOP_OBSERVABLES = 24
LONGEST_OUTCOME = 24
NO_IDEAL = "the distribution without noise is not in the result:\nthe circuit is too large to be run twice"


def circuit(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    """Draw a circuit's outcomes, those without noise for comparison, and its expectation values."""
    result = job["result"]
    if "points" in result or "results" in result:
        hint = "numpy.asarray(client.job(ID).result().expectations) gives the numbers"
        raise BadInput("results that are arrays have no picture", hint=hint)
    counts: Mapping[str, float] | None = result.get("counts")
    outcomes: Mapping[str, float] = counts or result.get("probabilities") or {}
    expectations: Mapping[str, float] = result.get("expectations") or {}
    if not outcomes and not expectations:
        raise BadInput("this circuit measured nothing, so there is nothing to draw")
    panels = [bool(outcomes), bool(expectations)]
    axes = list(figure.subplots(1, sum(panels), squeeze=False, width_ratios=[3, 2][: sum(panels)])[0])
    if outcomes:
        _readings(axes[0], job, outcomes, sum(counts.values()) if counts else None)
    if expectations:
        _expectations(axes[-1], expectations, result.get("standard_errors") or {})
    if not outcomes:
        axes[0].set_title(title(job, "expectation values"))


def _readings(axes: Axes, job: Mapping[str, Any], outcomes: Mapping[str, float], shots: float | None) -> None:
    noisy = (job.get("spec") or {}).get("noise") is not None
    ideal = job["result"].get("ideal_probabilities")
    note = NO_IDEAL if noisy and not ideal else ""
    left_out = bars(axes, outcomes, TOP_OUTCOMES, shots=shots, ideal=ideal, note=note)
    axes.set_ylabel("counts" if shots else "probability")
    what = f"{shots:g} shots" if shots else "exact probabilities"
    if noisy:
        what += " with noise"
    if left_out:
        what += f", {left_out} rarer outcomes not shown"
    axes.set_title(title(job, what))


def bars(
    axes: Axes,
    outcomes: Mapping[str, float],
    limit: int,
    *,
    shots: float | None = None,
    ideal: Mapping[str, float] | None = None,
    note: str = "",
) -> int:
    """Draw the most frequent outcomes; return how many are left out.

    Args:
        axes: axes to draw on.
        outcomes: probability or count of each bitstring.
        limit: maximum number of outcomes drawn.
        shots: number of shots if they are counts: bars get their standard errors.
        ideal: probabilities without noise, drawn for comparison.
        note: further text in the corner.
    """
    beside = {bits: value * (shots or 1.0) for bits, value in (ideal or {}).items()}
    weight = {bits: max(outcomes.get(bits, 0.0), beside.get(bits, 0.0)) for bits in {*outcomes, *beside}}
    shown = sorted(sorted(weight, key=lambda bits: (-weight[bits], bits))[:limit])
    heights = [outcomes.get(bits, 0.0) for bits in shown]
    places, width = range(len(shown)), _thickness(len(shown)) / (2 if beside else 1)
    errors = None if shots is None else [deviation(height, shots) for height in heights]
    shift = -width / 2 if beside else 0.0
    named: dict[str, Any] = {"label": "with noise"} if beside else {}
    axes.bar(
        [p + shift for p in places], heights, width, color=BLUE, yerr=errors, error_kw=ERROR_BARS, **named
    )
    if beside:
        without = [beside.get(bits, 0.0) for bits in shown]
        axes.bar([p + width / 2 for p in places], without, width, color=GREY, label="without noise")
    caption = "\n".join(filter(None, ("bars: ± 1 standard error" if errors else "", note)))
    if beside or caption:
        handles, names = axes.get_legend_handles_labels()
        axes.legend(handles, names, loc="upper right", fontsize=8, title=caption, title_fontsize=7)
        axes.margins(y=0.25)
    _ticks(axes, shown)
    return len(weight) - len(shown)


def _thickness(n_bars: int) -> float:
    """Return the width of a bar in axis units: a few bars fill the axis without becoming too broad."""
    return 0.8 * min(1.0, (n_bars + 1) / 9)


def _span(n_bars: int) -> tuple[float, float]:
    """Return the limits of a categorical axis: half a unit beyond the first and the last category."""
    return -0.5, n_bars - 0.5


def deviation(count: float, shots: float) -> float:
    """Return the standard error of a count: binomial, with the observed share."""
    return float((count * max(0.0, 1.0 - count / shots)) ** 0.5)


def _ticks(axes: Axes, shown: Sequence[str]) -> None:
    long = len(shown) > 8 or any(len(bits) > 8 for bits in shown)
    axes.set_xticks(
        range(len(shown)),
        [label(bits, LONGEST_OUTCOME) for bits in shown],
        rotation=90 if long else 0,
        family="monospace",
        fontsize=7 if long else 9,
    )
    axes.set_xlim(*_span(len(shown)))
    axes.set_xlabel("outcome (bit 0 leftmost)")
    axes.grid(axis="x", visible=False)


def _expectations(axes: Axes, expectations: Mapping[str, float], errors: Mapping[str, float | None]) -> None:
    names = list(expectations)[:TOP_OBSERVABLES]
    spreads = [errors.get(name) or 0.0 for name in names] if any(errors.values()) else None
    places = range(len(names))
    values = [expectations[name] for name in names]
    axes.barh(places, values, _thickness(len(names)), color=BLUE, xerr=spreads, error_kw=ERROR_BARS)
    axes.axvline(0.0, color="black", linewidth=0.6)
    axes.set_yticks(places, [label(name, LONGEST_OUTCOME) for name in names], family="monospace", fontsize=8)
    axes.set_ylim(*reversed(_span(len(names))))
    axes.set_xlabel("expectation value" + (" ± 1 standard error" if spreads else ""))
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.1)
    left_out = len(expectations) - len(names)
    axes.set_title(f"{left_out} further not shown" if left_out else "expectation values")


def cuts(
    axes: Axes,
    maxcut: Mapping[str, Any],
    samples: Mapping[str, float],
    shots: float | None,
    optimum: float | None,
) -> None:
    """Draw how often each weight of a cut was sampled."""
    total = sum(samples.values()) or 1.0
    values: dict[float, float] = {}
    for bits, count in samples.items():
        weight = round(cut(maxcut, bits), 9)
        values[weight] = values.get(weight, 0.0) + count
    heights = sorted(values)
    width = min((b - a for a, b in pairwise(heights)), default=1.0) * 0.8
    shares = [values[height] / total for height in heights]
    errors = None if shots is None else [deviation(share * shots, shots) / shots for share in shares]
    colours = [GREEN if height == heights[-1] else BLUE for height in heights]
    axes.bar(heights, shares, width, color=colours, yerr=errors, error_kw=ERROR_BARS)
    if optimum is not None:
        axes.axvline(optimum, color=GREEN, linestyle="--", linewidth=1.1)
    axes.set_xlabel("cut weight")
    axes.set_ylabel("share of samples ± 1 standard error" if shots else "probability")
    axes.grid(axis="x", visible=False)


def cut(maxcut: Mapping[str, Any], bits: str) -> float:
    """Return the weight of the cut for a bitstring with one bit per node."""
    weights = maxcut.get("weights") or [1.0] * len(maxcut["edges"])
    return float(sum(w for (a, b), w in zip(maxcut["edges"], weights, strict=True) if bits[a] != bits[b]))
