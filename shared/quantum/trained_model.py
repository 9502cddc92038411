"""Compatibility checks of a trained model and its input samples, without NumPy, for submission."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from novacron.errors import BadInput
from novacron.specs.table import MAX_SIZE

MODELS: dict[str, tuple[str, ...]] = {
    "kernel_svm": ("samples", "support", "support_codes", "dual_coefficients", "intercepts", "bandwidth"),
    "variational_classifier": ("parameters",),
}
COMMON = ("feature_map", "layers", "classes", "scaling", "n_columns")


def check(arguments: Mapping[str, Any], field: str) -> None:
    """Check the arguments of a prediction.

    Raises:
        BadInput: the model is not one of NovaCron's, or a sample has a wrong number of features or a
            non-number.
    """
    model, rows = arguments["model"], arguments["features"]
    name = model.get("name")
    if name not in MODELS or any(key not in model for key in (*COMMON, *MODELS[name])):
        rule = "must be the `model` of the result of a quantum_ml job, unchanged"
        raise BadInput(rule, field=f"{field}.model", value=name)
    if not rows:
        raise BadInput("must have at least one sample", field=f"{field}.features")
    for position, row in enumerate(rows):
        place = f"{field}.features[{position}]"
        if not isinstance(row, list | tuple) or len(row) != model["n_columns"]:
            rule = f"must be a list of {model['n_columns']} numbers, as the model was trained with"
            raise BadInput(rule, field=place, value=len(row) if isinstance(row, list | tuple) else row)
        for value in row:
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise BadInput("must be finite numbers", field=place, value=value)
            if abs(value) > MAX_SIZE:
                raise BadInput(f"must be at most {MAX_SIZE:g} in size", field=place, value=value)
