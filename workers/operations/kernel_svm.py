"""The support vector machine on a quantum kernel. Loads scikit-learn, which the blocks do without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from workers.context import Context
from workers.learning import data, svm
from workers.learning.kernel import Float, Kernel, decode, statistics
from workers.outcome import Done

# Average overlap below which most classifiers measured here did no better than guessing.
_CONCENTRATED = 0.02


def conclude(context: Context) -> Done:
    """Fit the machine to the blocks computed by the tasks before this one, given in layout order."""
    kernel = Kernel(context.spec, data.load(context.spec))
    return Done(_result(context, kernel, [decode(part) for part in context.inputs]))


def fused(context: Context) -> Done:
    """The whole job in one task: the same blocks, hence the same bits."""
    kernel = Kernel(context.spec, data.load(context.spec))
    return Done(_result(context, kernel, list(_stoppable(context, kernel))))


def _stoppable(context: Context, kernel: Kernel) -> Iterator[Float]:
    for values in kernel.all_blocks():
        context.checkpoint()
        yield values


def _result(context: Context, kernel: Kernel, parts: Sequence[Float]) -> dict[str, Any]:
    dataset = kernel.dataset
    train, test = kernel.assemble(parts)
    measured = statistics(train)
    if measured["mean"] < _CONCENTRATED:
        context.warn(
            f"the kernel values average {measured['mean']:.2g}: the samples' states are almost orthogonal, so"
            " the classifier can hardly generalise; use fewer features, fewer layers or the angle map"
        )
    context.checkpoint()
    c = float(context.spec["model"]["C"])
    fitted = svm.fit(train, dataset.y_train, test, c, measured["least_eigenvalue"])
    return {
        "train_accuracy": svm.accuracy(fitted.train_codes, dataset.y_train),
        "test_accuracy": svm.accuracy(fitted.test_codes, dataset.y_test),
        "predictions": dataset.labels(fitted.test_codes),
        "test_labels": dataset.labels(dataset.y_test),
        "test_rows": dataset.test_rows.tolist(),
        "train_rows": dataset.train_rows.tolist(),
        "classes": dataset.classes,
        "n_qubits": kernel.map.n_qubits,
        "n_evaluations": sum(part.size for part in parts),
        "kernel": measured,
        "scaling": dataset.scaling.as_json(),
        **fitted.as_json(),
    }
