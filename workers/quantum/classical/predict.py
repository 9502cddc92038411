"""Classes of new samples, by a model that a quantum_ml job trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from workers.quantum.learning import trained


def run(arguments: Mapping[str, Any], seed: int, checkpoint: Callable[[], None]) -> dict[str, Any]:
    """Predict; the same model gives the same sample the same class, whatever is asked along with it.

    Returns:
        `predictions` in the order of the rows, `classes`, and `n_outside`: samples outside the range of the
        training samples.
    """
    model = arguments["model"]
    rows = np.array(arguments["features"], dtype=np.float64)
    return {**trained.predict(model, rows, checkpoint), "classes": model["classes"]}
