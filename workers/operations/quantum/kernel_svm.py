"""The support vector machine on a quantum kernel. Imports scikit-learn, which the block tasks do not need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from novacron.json_types import JsonObject
from novacron.specs import QML
from workers.quantum.learning import svm, trained
from workers.quantum.learning.kernel import Float, Kernel, decode, listed, statistics
from workers.runtime.context import Context
from workers.runtime.outcome import Done

# Mean overlap below which most classifiers measured here were no better than chance.
_CONCENTRATED = 0.02
# Spread of the off-diagonal values below which they count as constant.
_CONSTANT = 1e-2


def conclude(context: Context[QML]) -> Done:
    """Train the machine on the blocks computed by the parent tasks, given in layout order."""
    kernel = Kernel.of(context.spec)
    return Done(_result(context, kernel, [decode(part) for part in context.inputs]))


def fused(context: Context[QML]) -> Done:
    """Run the whole job in one task: the same blocks, hence bitwise identical results."""
    kernel = Kernel.of(context.spec)
    return Done(_result(context, kernel, list(_stoppable(context, kernel))))


def _stoppable(context: Context[QML], kernel: Kernel) -> Iterator[Float]:
    for values in kernel.all_blocks():
        context.checkpoint()
        yield values


def _result(context: Context[QML], kernel: Kernel, parts: Sequence[Float]) -> JsonObject:
    dataset = kernel.dataset
    train, test = kernel.assemble(parts)
    measured = statistics(train)
    context.checkpoint()
    fitted = svm.fit(train, dataset.y_train, test, kernel.model.C, measured["least_eigenvalue"])
    for doubt in (*dataset.doubts(), *_doubts(measured), *dataset.doubts_of(fitted.test_codes)):
        context.warn(doubt)
    known = trained.of_kernel(kernel, fitted.support, fitted.machine)
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
        "kernel": measured | listed(train, test),
        "scaling": dataset.scaling.as_json(),
        **fitted.as_json(),
        "model": trained.describe(context.spec, dataset, known),
    }


def _doubts(measured: Mapping[str, float]) -> Iterator[str]:
    """Yield warnings about a kernel whose values are nearly constant or nearly all zero."""
    if measured["mean"] < _CONCENTRATED:
        yield (
            f"the kernel values average {measured['mean']:.2g}: the samples' states are almost orthogonal, so"
            " the classifier can hardly generalise; use fewer features, fewer layers or the angle map"
        )
    elif measured["max"] - measured["min"] < _CONSTANT:
        width = measured["max"] - measured["min"]
        yield (
            f"all kernel values lie within {width:.2g} of each other: the samples' states are hardly"
            " distinguishable; raise bandwidth, or look at the columns"
        )
