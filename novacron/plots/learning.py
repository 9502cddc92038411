"""Plots of classifiers: accuracies and confusion matrices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from novacron.plots import loops
from novacron.plots.style import BLUE, GREY, ORANGE, label, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LONGEST_CLASS = 12
MOST_NUMBERS = 12
"""Largest number of classes for which a confusion matrix shows numbers."""


def qml(figure: Figure, job: Mapping[str, Any], references: Mapping[str, float]) -> None:
    """Draw a classifier's accuracies and confusion matrix, and its loss if it was trained by a loop."""
    result = job["result"]
    if result.get("history"):
        left, middle, right = figure.subplots(1, 3, width_ratios=[2, 3, 3])
        loops.loss(middle, job)
    else:
        left, right = figure.subplots(1, 2, width_ratios=[2, 3])
    _accuracies(left, job)
    predictions = result.get("predictions") or []
    truth = result.get("test_labels") or result.get("labels")
    if truth is not None and len(truth) == len(predictions):
        _confusion(right, truth, predictions)
    else:
        _classes(right, predictions)


def _accuracies(axes: Axes, job: Mapping[str, Any]) -> None:
    named = [(name, job["result"].get(f"{name}_accuracy")) for name in ("train", "test")]
    shown = [(name, value) for name, value in named if value is not None]
    drawn = axes.bar([name for name, _ in shown], [value for _, value in shown], 0.55, color=[BLUE, ORANGE])
    axes.bar_label(drawn, fmt="{:.1%}", padding=2)
    axes.set_ylim(0, 1.08)
    axes.set_ylabel("accuracy")
    axes.grid(axis="x", visible=False)
    axes.set_title(title(job, "accuracy"))


def _classes(axes: Axes, predictions: Sequence[Any]) -> None:
    counts = Counter(label(one, LONGEST_CLASS) for one in predictions)
    axes.bar(sorted(counts), [counts[name] for name in sorted(counts)], 0.55, color=GREY)
    axes.set_title("predicted classes of the test samples")
    axes.set_ylabel("samples")
    axes.grid(axis="x", visible=False)


def _confusion(axes: Axes, truth: Sequence[Any], predictions: Sequence[Any]) -> None:
    labels = sorted({*map(str, truth), *map(str, predictions)})
    pairs = Counter(zip(map(str, truth), map(str, predictions), strict=True))
    matrix = [[pairs[actual, predicted] for predicted in labels] for actual in labels]
    top = max(map(max, matrix)) or 1
    axes.imshow(matrix, cmap="Blues", vmin=0, vmax=top)
    for row, counts in enumerate(matrix if len(labels) <= MOST_NUMBERS else ()):
        for column, count in enumerate(counts):
            colour = "white" if count > 0.6 * top else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour)
    names = [label(one, LONGEST_CLASS) for one in labels]
    long = sum(map(len, names)) > 30
    axes.set_xticks(range(len(labels)), names, rotation=90 if long else 0, fontsize=7 if long else 9)
    axes.set_yticks(range(len(labels)), names, fontsize=7 if long else 9)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_title("test samples")
