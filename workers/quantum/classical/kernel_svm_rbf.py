"""The classical baseline of a quantum kernel: the same data, split and scaling with a Gaussian kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.errors import BadInput
from novacron.json_types import JsonObject
from workers.quantum.classical import given
from workers.quantum.learning import data, kernel, svm

Float = NDArray[np.float64]

TOO_CLOSE = 1e-300


class Arguments(TypedDict):
    """Arguments of the function, defaults filled in: `shared.functions`."""

    data: JsonObject
    test_fraction: float
    C: float
    gamma: float | None


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Train and test a support vector machine; the same seed gives the same split as in a quantum_ml job.

    Returns:
        `train_accuracy`, `test_accuracy`, `predictions`, `test_labels`, `gamma`, and the trained machine.

    Raises:
        UserError: if the data cannot be used.
    """
    dataset = data.load(given.data(arguments["data"]), arguments["test_fraction"], seed)
    checkpoint()
    gamma = arguments["gamma"] or _gamma(dataset.n_features * float(dataset.x_train.var()))
    train = gaussian(dataset.x_train, dataset.x_train, gamma)
    test = gaussian(dataset.x_test, dataset.x_train, gamma)
    least = kernel.statistics(train)["least_eigenvalue"]
    fitted = svm.fit(train, dataset.y_train, test, arguments["C"], least)
    return {
        "train_accuracy": svm.accuracy(fitted.train_codes, dataset.y_train),
        "test_accuracy": svm.accuracy(fitted.test_codes, dataset.y_test),
        "predictions": dataset.labels(fitted.test_codes),
        "test_labels": dataset.labels(dataset.y_test),
        "classes": dataset.classes,
        "gamma": gamma,
        **fitted.as_json(),
    }


def _gamma(spread: float) -> float:
    """Return 1/spread, the sum of the features' variances.

    Raises:
        BadInput: they are constant, or vary by less than the resolution of squared doubles.
    """
    if spread < TOO_CLOSE:
        rule = "the features of the training samples are too close together to choose a width by"
        raise BadInput(rule, field="arguments.gamma", hint="give gamma, or other features")
    return 1.0 / spread


def gaussian(x: Float, y: Float, gamma: float) -> Float:
    """Return exp(-gamma |x_i - y_j|^2), shapes (i, features) and (j, features) to (i, j)."""
    squares = np.square(x).sum(axis=1)[:, None] + np.square(y).sum(axis=1)[None, :] - 2 * x @ y.T
    values: Float = np.exp(-gamma * np.maximum(squares, 0.0))
    return values
