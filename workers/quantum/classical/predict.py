"""Prediction of the classes of new samples, by a model trained in a quantum_ml job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

import numpy as np

from novacron.json_types import JsonObject
from workers.quantum.learning import trained
from workers.quantum.learning.trained import Model


class Arguments(TypedDict):
    """Arguments of the function: `shared.functions`."""

    model: Model
    features: Sequence[Sequence[float]]


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Predict classes; a sample's class does not depend on the other samples.

    Returns:
        `predictions` in the order of the rows, `classes`, and `n_outside`: samples outside the range of the
        training samples.
    """
    model = arguments["model"]
    rows = np.array(arguments["features"], dtype=np.float64)
    return {**trained.predict(model, rows, checkpoint), "classes": model["classes"]}
