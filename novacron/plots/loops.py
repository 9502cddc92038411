"""Plots of optimization runs: evaluations, the best value so far, the distance from reference values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from novacron import _quantity
from novacron._quantity import Quantity
from novacron.plots.axis import span
from novacron.plots.outcomes import bars, cuts
from novacron.plots.style import BLUE, ERROR_BARS, GREEN, GREY, ORANGE, label, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHEMICAL_ACCURACY_MHA = 1.6
SMALLEST_ERROR = 1e-12
MOST_BARS = 16
FLATTENED = 3.0
"""Factor by which a few outliers may extend the axis beyond the rest of the curve."""
LINES = (("e_hf", "Hartree–Fock", ORANGE), ("e_exact", "exact", GREEN), ("optimum", "optimum", GREEN))


def vqe(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    """Draw the energies of a VQE, and below them their errors if the exact energy is known."""
    result, quantity = job["result"], _quantity.of(job)
    exact = references.get("e_exact")
    heights = [3] if exact is None else [3, 2]
    upper, *lower = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    values, errors = _course(result, "energy")
    _points(upper, values, errors, references, quantity)
    spread = "" if result.get("std_error") is None else f" ± {result['std_error']:.2g}"
    unit = f" {quantity.unit}" if quantity.molecular else ""
    upper.set_title(title(job, f"E = {result['energy']:.8f}{spread}{unit}{_which(result)}"))
    figure.legend(loc="outside lower center", ncols=5, fontsize=8)
    if exact is not None:
        _distance(lower[0], values, exact, quantity)
    _count([upper, *lower][-1])


def qaoa(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    """Draw the expectation of a QAOA beside the samples at its best angles."""
    result, quantity = job["result"], _quantity.of(job)
    left, right = figure.subplots(1, 2)
    optimum = references.get("optimum", result.get("optimum"))
    known = {} if optimum is None else {"optimum": optimum}
    values, errors = _course(result, "expectation")
    if values:
        _points(left, values, errors, known, quantity)
        left.set_ylabel(label(f"expected {quantity.label}"))
        figure.legend(loc="outside lower center", ncols=5, fontsize=8)
    ratio = result.get("approximation_ratio")
    left.set_title(title(job, ("expectation" if ratio is None else f"ratio {ratio:.4f}") + _which(result)))
    _count(left)
    samples: Mapping[str, float] = result.get("samples") or result.get("probabilities") or {}
    maxcut = ((job.get("spec") or {}).get("problem") or {}).get("maxcut")
    shots = result.get("shots") or (sum(samples.values()) if result.get("samples") else None)
    if maxcut and samples:
        cuts(right, maxcut, samples, shots, optimum)
    else:
        bars(right, samples, MOST_BARS, shots=shots)
        right.set_ylabel("samples" if shots else "probability")
    best = f", best {result['best_value']:g}" if result.get("best_value") is not None else ""
    right.set_title((f"{shots:g} samples" if shots else "exact distribution") + best)


def loss(axes: Axes, job: Mapping[str, Any]) -> None:
    """Draw a classifier's loss during training."""
    values, errors = _course(job["result"], "loss")
    _points(axes, values, errors, {}, _quantity.of(job))
    axes.set_title(f"training{_which(job['result'])}")
    axes.legend(loc="upper right", fontsize=8)
    _count(axes)


def _course(result: Mapping[str, Any], name: str) -> tuple[list[float], list[float] | None]:
    """Return the values of every evaluation, and their standard errors if they were sampled."""
    history: Sequence[Mapping[str, Any]] = result.get("history") or ()
    if not history:
        value, spread = result.get(name), result.get("std_error")
        return ([] if value is None else [float(value)]), None if spread is None else [float(spread)]
    errors = [point.get("std_error") for point in history]
    values = [float(point[name] if name in point else point["value"]) for point in history]
    return values, None if all(one is None for one in errors) else [float(one or 0.0) for one in errors]


def _which(result: Mapping[str, Any]) -> str:
    """Return which start is drawn, if there were several."""
    starts = result.get("starts") or ()
    return f", start {(result.get('start') or 0) + 1} of {len(starts)}" if len(starts) > 1 else ""


def _points(
    axes: Axes,
    values: Sequence[float],
    errors: Sequence[float] | None,
    references: Mapping[str, float],
    quantity: Quantity,
) -> None:
    """Draw every evaluation, the best value so far and the reference lines.

    Outliers of a line search beyond the axis limits are drawn as triangles at the edge.
    """
    known = [(references[key], name, colour) for key, name, colour in LINES if key in references]
    low, high = _frame(values, errors, [value for value, _, _ in known])
    inside = [(k, value) for k, value in enumerate(values, 1) if low <= value <= high]
    if errors is None:
        axes.plot(*_columns(inside), ".", color=BLUE, alpha=0.45, markersize=4, label="evaluation")
    else:
        spreads = [errors[k - 1] for k, _ in inside]
        axes.errorbar(
            *_columns(inside), spreads, fmt=".", color=BLUE, alpha=0.45, markersize=4,
            label="evaluation ± 1 standard error", **(ERROR_BARS | {"ecolor": BLUE}),
        )  # fmt: skip
    better = max if quantity.maximized else min
    best = [(k, value) for k, value in enumerate(accumulate(values, better), 1) if low <= value <= high]
    axes.plot(*_columns(best), color=BLUE, label="best so far", drawstyle="steps-post")
    for value, name, colour in known:
        axes.axhline(value, color=colour, linestyle="--", linewidth=1.1, label=name)
    _far(axes, [(k, value) for k, value in enumerate(values, 1) if value > high], high, "^")
    _far(axes, [(k, value) for k, value in enumerate(values, 1) if value < low], low, "v")
    axes.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    axes.set_ylabel(quantity.label)


def _far(axes: Axes, points: Sequence[tuple[int, float]], edge: float, marker: str) -> None:
    if not points:
        return
    farthest = max((value for _, value in points), key=lambda value: abs(value - edge))
    axes.plot(
        [k for k, _ in points], [edge] * len(points), marker, color=BLUE, alpha=0.6, markersize=5,
        linestyle="none", markerfacecolor="none", label=f"{len(points)} off the scale, to {farthest:.4g}",
    )  # fmt: skip


def _columns(points: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [k for k, _ in points], [value for _, value in points]


def _frame(
    values: Sequence[float], errors: Sequence[float] | None, lines: Sequence[float]
) -> tuple[float, float]:
    low, high = min(*values, *lines, values[0]), max(*values, *lines, values[0])
    near = span(values, lines)
    if high - low > FLATTENED * (near[1] - near[0]):
        low, high = near
    if errors is not None:
        ends = [(value - error, value + error) for value, error in zip(values, errors, strict=True)]
        low = min(low, *(end for end, _ in ends if end >= low - (high - low)), high)
        high = max(high, *(end for _, end in ends if end <= high + (high - low)), low)
    pad = max(abs(high), 1.0) * 1e-6 if high == low else 0.0
    return low - pad, high + pad


def _distance(axes: Axes, values: Sequence[float], exact: float, quantity: Quantity) -> None:
    scale = 1e3 if quantity.molecular else 1.0
    errors = [max(abs(value - exact) * scale, SMALLEST_ERROR) for value in values]
    positions = range(1, len(values) + 1)
    axes.semilogy(positions, errors, ".", color=BLUE, alpha=0.45, markersize=4)
    axes.semilogy(positions, list(accumulate(errors, min)), color=BLUE, drawstyle="steps-post")
    # Matplotlib's default labels of a logarithmic axis use mathtext, which is not parsed here.
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    if quantity.molecular:
        axes.axhline(CHEMICAL_ACCURACY_MHA, color=GREY, linestyle=":", linewidth=1.1)
        axes.annotate(
            "chemical accuracy",
            (1.0, CHEMICAL_ACCURACY_MHA),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            color=GREY,
            fontsize=8,
        )
    axes.set_ylabel(
        "error (mHa)" if quantity.molecular else f"error ({quantity.unit})" if quantity.unit else "error"
    )


def _count(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel("evaluation")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
