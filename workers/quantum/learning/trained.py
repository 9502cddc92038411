"""Trained models as stored in a result: everything needed to predict new samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from novacron.json_types import JsonObject
from novacron.specs.qml import QML
from novacron.specs.table import InlineData, NamedData
from shared.quantum.kernel_blocks import tiles
from workers.quantum.learning import scaling
from workers.quantum.learning.data import Dataset, Label
from workers.quantum.learning.decision import Machine
from workers.quantum.learning.feature_maps import feature_map
from workers.quantum.learning.kernel import BATCH, Kernel, fidelities, sampled_rows
from workers.quantum.learning.scaling import WrittenScaling
from workers.runtime.outcome import UserError

Float = NDArray[np.float64]
Codes = NDArray[np.int64]
Predict = Callable[[Float], Codes]


class Model(TypedDict):
    """A trained model as stored in a result, written by `describe`.

    Optional members belong to one kind of model: see `describe`.
    """

    name: str
    feature_map: str
    layers: int
    classes: list[Label]
    scaling: WrittenScaling
    n_columns: int
    bandwidth: NotRequired[float]
    shots: NotRequired[int | None]
    seed: NotRequired[int]
    samples: NotRequired[list[list[float]]]
    support: NotRequired[list[int]]
    support_codes: NotRequired[list[int]]
    dual_coefficients: NotRequired[list[list[float]]]
    intercepts: NotRequired[list[float]]
    parameters: NotRequired[list[float]]


def describe(spec: QML, dataset: Dataset, fitted: JsonObject) -> JsonObject:
    """Return the model of a job, to be stored in its result and read by `predictor`.

    Args:
        spec: spec of the job.
        dataset: its training data.
        fitted: the result of training: for a kernel from `of_kernel`, for a classifier its `parameters`.
    """
    model = spec.model
    return {
        "name": model.name,
        "feature_map": model.feature_map,
        "layers": model.layers,
        **_columns(spec.data),
        "n_columns": len(dataset.scaling.mean),
        "classes": dataset.classes,
        "scaling": dataset.scaling.as_json(),
        **fitted,
    }


def _columns(data: InlineData | NamedData) -> JsonObject:
    """Return the names and the selection of columns; those of a named dataset are unchanged."""
    if isinstance(data, NamedData):
        return {"feature_names": None, "target": None, "left_out": []}
    names = None if data.feature_names is None else list(data.feature_names)
    return {"feature_names": names, "target": data.target, "left_out": list(data.left_out)}


def of_kernel(kernel: Kernel, support: Codes, machine: Machine) -> JsonObject:
    """Return a kernel machine's state: its support vectors, and all training samples if it was sampled.

    A sampled kernel draws a row's values per tile of training samples, so that repeating a draw needs all of
    them.
    """
    shots, dataset = kernel.shots, kernel.dataset
    samples = dataset.x_train[support] if shots is None else dataset.x_train
    return {
        "bandwidth": kernel.model.bandwidth,
        "shots": shots,
        "seed": kernel.seed,
        "samples": samples.tolist(),
        "support": np.arange(len(support)).tolist() if shots is None else support.tolist(),
        "support_codes": machine.codes.tolist(),
        "dual_coefficients": machine.dual.tolist(),
        "intercepts": machine.intercept.tolist(),
    }


def predict(model: Model, rows: Float, checkpoint: Callable[[], None]) -> JsonObject:
    """Predict the labels of new samples.

    Args:
        model: from `describe`.
        rows: features as they were in the data, before scaling; shape (samples, columns).
        checkpoint: called between batches.

    Returns:
        `predictions`, one label per sample; `n_outside`, the number of samples outside the training range in
        some feature, if scaling clips them.
    """
    scale = scaling.of_json(model["scaling"])
    x = scale.apply(rows)
    predicted = predictor(model)
    codes: list[int] = []
    for first in range(0, len(x), BATCH):
        checkpoint()
        codes += predicted(x[first : first + BATCH]).tolist()
    return {
        "predictions": [model["classes"][code] for code in codes],
        "n_outside": int(scale.outside(rows).sum()),
    }


def predictor(model: Model) -> Predict:
    """Return the function from angles, shape (samples, features), to class codes."""
    if model["name"] == "kernel_svm":
        return _kernel(model)
    if model["name"] == "variational_classifier":
        return _classifier(model)
    raise UserError(f"model.name = {model['name']!r}: must be kernel_svm or variational_classifier")


def _kernel(model: Model) -> Predict:
    samples = np.array(model["samples"], dtype=np.float64)
    support = np.array(model["support"], dtype=np.int64)
    machine = Machine(
        np.array(model["support_codes"], dtype=np.int64),
        np.array(model["dual_coefficients"], dtype=np.float64),
        np.array(model["intercepts"], dtype=np.float64),
    )
    encoding = feature_map(model["feature_map"], samples.shape[1], model["layers"])
    columns = [tile.samples for tile in tiles(len(samples), 0, encoding.n_qubits)]

    def predicted(x: Float) -> Codes:
        angles = model["bandwidth"] * x
        states = encoding.states(angles)
        parts = []
        for part in columns:
            values = fidelities(states, encoding.states(model["bandwidth"] * samples[part]))
            if model["shots"] is not None:
                values = sampled_rows(values, angles, model["shots"], model["seed"], part.start)
            parts.append(values)
        return machine.predict(np.concatenate(parts, axis=1)[:, support])

    return predicted


def _classifier(model: Model) -> Predict:
    from workers.quantum.variational.classifier import UPLOADS, Classifier

    scale = scaling.of_json(model["scaling"])
    n_features = len(scale.low)
    nothing, none = np.zeros((0, n_features)), np.zeros(0, dtype=np.int64)
    empty = Dataset(nothing, none, nothing, none, model["classes"], none, none, scale)
    trained = Classifier(empty, feature_map(model["feature_map"], n_features, UPLOADS), model["layers"])
    point = np.array(model["parameters"], dtype=np.float64)
    return lambda x: trained.predict(point, x)
