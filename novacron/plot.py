"""Pictures of results, as PNG. matplotlib (extra `plot`) is imported when something is drawn."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, pairwise
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from novacron._axis import span
from novacron._text import on_one_line
from novacron.errors import BadInput
from novacron.results import of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOP_OUTCOMES = 32
CHEMICAL_ACCURACY_MHA = 1.6
SMALLEST_MHA = 1e-9
# Told apart by every kind of colour vision. Source: Okabe and Ito, Color Universal Design (2008).
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
    # Names hold dollars and backslashes; none of them is mathematics.
    "text.parse_math": False,
}
LONGEST_LABEL = 48


@dataclass(frozen=True)
class Picture:
    """A drawn figure; notebooks show it by themselves."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png


def draw(
    job: Mapping[str, Any], references: Mapping[str, float], path: str | PathLike[str] | None = None
) -> Picture:
    """Draw a completed job's result.

    Args:
        job: the job document, with its result.
        references: known values to compare with: ``e_hf``, ``e_exact``, ``optimum``.
        path: file to write the PNG to; None for none.

    Raises:
        JobEnded: the job has no result.
        BadInput: matplotlib is not installed, this kind has no picture, or the file cannot be written.
    """
    of(job)
    if job["kind"] not in PICTURES:
        raise BadInput(
            f"there is no picture for the kind {job['kind']}", hint="one of " + ", ".join(PICTURES)
        )
    return drawn(lambda figure: PICTURES[job["kind"]](figure, job, references), path)


def drawn(
    draw_on: Callable[[Figure], None],
    path: str | PathLike[str] | None = None,
    size: tuple[float, float] = (7.0, 4.2),
) -> Picture:
    """Draw on a new figure.

    Args:
        draw_on: what draws on it.
        path: file to write the PNG to; None for none.
        size: width and height in inches.

    Raises:
        BadInput: matplotlib is not installed, or the file cannot be written.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise BadInput("drawing needs matplotlib", hint="pip install 'novacron[plot]'") from None
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        # The fonts at hand draw a box for what they have no glyph for.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        figure = Figure(figsize=size, dpi=200, layout="constrained")
        draw_on(figure)
        buffer = BytesIO()
        figure.savefig(buffer, format="png")
    picture = Picture(buffer.getvalue())
    if path is not None:
        _write(Path(path), picture.png)
    return picture


def _write(path: Path, png: bytes) -> None:
    try:
        path.write_bytes(png)
    except OSError as error:
        raise BadInput(f"cannot write the picture: {error.strerror}", file=str(path)) from None


def label(text: object, longest: int = LONGEST_LABEL) -> str:
    """Return what users wrote as a label: on one line, cut, invisible characters as code points."""
    return on_one_line(str(text), longest)


def _title(job: Mapping[str, Any], text: str) -> str:
    return f"{label(job['name'])}: {text}" if job.get("name") else text


def _vqe(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    result = job["result"]
    energies = [float(point["energy"]) for point in result.get("history") or ()] or [result["energy"]]
    molecule, exact = "e_hf" in references, references.get("e_exact")
    heights = [3] if exact is None else [3, 2]
    upper, *lower = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    positions = range(1, len(energies) + 1)
    upper.plot(positions, energies, ".", color=BLUE, alpha=0.35, markersize=4, label="evaluation")
    upper.plot(positions, list(accumulate(energies, min)), color=BLUE, label="best so far")
    for key, label, colour in (("e_hf", "Hartree–Fock", ORANGE), ("e_exact", "exact", GREEN)):
        if key in references:
            upper.axhline(references[key], color=colour, linestyle="--", linewidth=1.1, label=label)
    upper.set_ylim(*_frame(energies, [references[key] for key in ("e_hf", "e_exact") if key in references]))
    upper.set_ylabel("energy (hartree)" if molecule else "energy")
    upper.set_title(_title(job, f"E = {result['energy']:.8f}" + (" hartree" if molecule else "")))
    figure.legend(loc="outside lower center", ncols=4, fontsize=8)
    if exact is not None:
        _error_panel(lower[0], positions, energies, exact, molecule)
    bottom = [upper, *lower][-1]
    bottom.set_xlabel("evaluation")
    bottom.xaxis.get_major_locator().set_params(integer=True)


def _error_panel(
    axes: Axes, positions: range, energies: Sequence[float], exact: float, molecule: bool
) -> None:
    errors = [max(abs(energy - exact) * 1e3, SMALLEST_MHA) for energy in energies]
    axes.semilogy(positions, errors, ".", color=BLUE, alpha=0.35, markersize=4)
    axes.semilogy(positions, list(accumulate(errors, min)), color=BLUE)
    if molecule:
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
    axes.set_ylabel("error (mHa)" if molecule else "error (10⁻³)")
    axes.yaxis.set_major_formatter("{x:g}")


def _frame(values: Sequence[float], lines: Sequence[float]) -> tuple[float, float]:
    low, high = span(values, lines)
    pad = (high - low) * 0.06 or max(abs(high), 1.0) * 1e-6
    return low - pad, high + pad


def _qaoa(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    result = job["result"]
    left, right = figure.subplots(1, 2, width_ratios=[1, 1])
    values = [_value(point) for point in result.get("history") or ()]
    optimum = references.get("optimum", result.get("optimum"))
    if values:
        left.plot(range(1, len(values) + 1), values, color=BLUE, label="expectation")
        left.xaxis.get_major_locator().set_params(integer=True)
    elif result.get("expectation") is not None:
        left.axhline(result["expectation"], color=BLUE, label="expectation")
        left.set_xticks([])
    if optimum is not None:
        left.axhline(optimum, color=GREEN, linestyle="--", linewidth=1.1, label="optimum")
    left.set_xlabel("evaluation")
    left.set_ylabel("objective")
    left.legend(loc="best")
    ratio = result.get("approximation_ratio")
    left.set_title(_title(job, "expectation" if ratio is None else f"ratio {ratio:.4f}"))
    _samples(right, job, optimum)


def _value(point: Any) -> float:
    if isinstance(point, Mapping):
        return float(next(point[key] for key in ("expectation", "value", "loss") if key in point))
    return float(point)


def _samples(axes: Axes, job: Mapping[str, Any], optimum: float | None) -> None:
    result, problem = job["result"], (job.get("spec") or {}).get("problem") or {}
    samples: Mapping[str, float] = result.get("samples") or result.get("probabilities") or {}
    shots = sum(samples.values()) or 1
    best = f", best {result['best_value']:g}" if "best_value" in result else ""
    what = (f"{shots:g} samples" if result.get("samples") else "exact distribution") + best
    if "maxcut" in problem and samples:
        values: dict[float, float] = {}
        for bits, count in samples.items():
            cut = round(_cut(problem["maxcut"], bits), 9)
            values[cut] = values.get(cut, 0.0) + count
        heights = sorted(values)
        width = min((b - a for a, b in pairwise(heights)), default=1.0) * 0.8
        shares = [values[height] / shots for height in heights]
        axes.bar(heights, shares, width, color=[GREEN if h == heights[-1] else BLUE for h in heights])
        if optimum is not None:
            axes.axvline(optimum, color=GREEN, linestyle="--", linewidth=1.1)
        axes.set_xlabel("cut weight")
        axes.set_ylabel("share of samples")
        axes.grid(axis="x", visible=False)
    else:
        _bars(axes, samples, 16)
    axes.set_title(what)


def _cut(maxcut: Mapping[str, Any], bits: str) -> float:
    weights = maxcut.get("weights") or [1.0] * len(maxcut["edges"])
    return float(sum(w for (a, b), w in zip(maxcut["edges"], weights, strict=True) if bits[a] != bits[b]))


def _qml(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    result = job["result"]
    left, right = figure.subplots(1, 2, width_ratios=[2, 3])
    named = [(name, result.get(f"{name}_accuracy")) for name in ("train", "test")]
    shown = [(name, value) for name, value in named if value is not None]
    bars = left.bar([name for name, _ in shown], [value for _, value in shown], 0.55, color=[BLUE, ORANGE])
    left.bar_label(bars, fmt="{:.1%}", padding=2)
    left.set_ylim(0, 1.08)
    left.set_ylabel("accuracy")
    left.grid(axis="x", visible=False)
    left.set_title(_title(job, "accuracy"))
    predictions, truth = result.get("predictions") or [], result.get("test_labels") or result.get("labels")
    if truth is not None and len(truth) == len(predictions):
        _confusion(right, truth, predictions)
    else:
        counts = Counter(label(one, 12) for one in predictions)
        right.bar(sorted(counts), [counts[label] for label in sorted(counts)], 0.55, color=GREY)
        right.set_title("predicted classes of the test samples")
        right.set_ylabel("samples")
        right.grid(axis="x", visible=False)


def _confusion(axes: Axes, truth: Sequence[Any], predictions: Sequence[Any]) -> None:
    labels = sorted({*map(str, truth), *map(str, predictions)})
    pairs = Counter(zip(map(str, truth), map(str, predictions), strict=True))
    matrix = [[pairs[actual, predicted] for predicted in labels] for actual in labels]
    top = max(map(max, matrix)) or 1
    axes.imshow(matrix, cmap="Blues", vmin=0, vmax=top)
    for row, counts in enumerate(matrix):
        for column, count in enumerate(counts):
            colour = "white" if count > 0.6 * top else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour)
    shown = [label(one, 12) for one in labels]
    axes.set_xticks(range(len(labels)), shown)
    axes.set_yticks(range(len(labels)), shown)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_title("test samples")


def _circuit(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    result = job["result"]
    counts: Mapping[str, float] | None = result.get("counts")
    outcomes = counts or result.get("probabilities")
    if not outcomes:
        raise BadInput("this circuit measured nothing, so there is nothing to draw")
    axes = figure.subplots()
    left_out = _bars(axes, outcomes, TOP_OUTCOMES)
    axes.set_ylabel("counts" if counts else "probability")
    what = f"{sum(counts.values()):g} shots" if counts else "exact probabilities"
    further = f", {left_out} rarer outcomes not shown" if left_out else ""
    axes.set_title(_title(job, what + further))


def _bars(axes: Axes, outcomes: Mapping[str, float], limit: int) -> int:
    top = sorted(outcomes.items(), key=lambda item: (-item[1], item[0]))[:limit]
    shown = sorted(top)
    axes.bar(range(len(shown)), [value for _, value in shown], 0.75, color=BLUE)
    long = len(shown) > 8 or any(len(bits) > 8 for bits, _ in shown)
    axes.set_xticks(
        range(len(shown)),
        [bits for bits, _ in shown],
        rotation=90 if long else 0,
        family="monospace",
        fontsize=7 if long else 9,
    )
    # A few bars keep the width they would have among eight.
    margin = max(0, 8 - len(shown)) / 2 + 0.6
    axes.set_xlim(-margin, len(shown) - 1 + margin)
    axes.set_xlabel("outcome (bit 0 leftmost)")
    axes.grid(axis="x", visible=False)
    return len(outcomes) - len(shown)


PICTURES: dict[str, Callable[[Figure, Mapping[str, Any], Mapping[str, float]], None]] = {
    "hybrid_vqe": _vqe,
    "hybrid_qaoa": _qaoa,
    "quantum_ml": _qml,
    "pure_quantum": _circuit,
}
