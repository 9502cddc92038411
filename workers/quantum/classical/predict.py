"""Classes of new samples, by a model that a quantum_ml job trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

import numpy as np

from novacron.json_types import JsonObject
from workers.quantum.learning import trained
from workers.quantum.learning.trained import Model


class Arguments(TypedDict):
    """What the function takes: `shared.functions`."""

    model: Model
    features: Sequence[Sequence[float]]


def run(arguments: Arguments, seed: int, checkpoint: Callable[[], None]) -> JsonObject:
    """Predict; the same model gives the same sample the same class, whatever is asked along with it.

    Returns:
        `predictions` in the order of the rows, `classes`, and `n_outside`: samples outside the range of the
        training samples.
    """
    model = arguments["model"]
    rows = np.array(arguments["features"], dtype=np.float64)
    return {**trained.predict(model, rows, checkpoint), "classes": model["classes"]}
