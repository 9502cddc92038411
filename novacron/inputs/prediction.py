"""New samples for a trained model, converted to the job that predicts them."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from novacron.errors import BadInput


def job_of(document: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """Return the job that predicts the classes of new samples.

    Args:
        document: document of the completed `quantum_ml` job with the model.
        data: path of a CSV file with the columns of the training data; rows of numbers in their order; or
            columns by name, as a mapping or a data frame.

    Raises:
        BadInput: the job has no model, or columns are missing, unknown or not numeric.
    """
    model = (document.get("result") or {}).get("model")
    if not isinstance(model, Mapping):
        rule = f"job {document['job_id']} has no trained model"
        hint = "jobs of the kind quantum_ml have one, once completed; submit older ones again"
        raise BadInput(rule, value=document.get("kind"), hint=hint)
    arguments = {"model": model, "features": rows_of(model, data)}
    name = f"predict {document.get('name') or document['job_id']}"[:200]
    return {"kind": "pure_classical", "name": name, "function": "predict", "arguments": arguments}


def rows_of(model: Mapping[str, Any], data: Any) -> list[list[Any]]:
    """Return the rows of new samples, with the model's columns in its order.

    Raises:
        BadInput: see `job_of`.
    """
    if isinstance(data, str | PathLike):
        return _read(model, fspath(data))
    if hasattr(data, "columns") and hasattr(data, "to_dict"):
        data = data.to_dict("list")
    if isinstance(data, Mapping):
        return _of_columns(model, data)
    rows = data.tolist() if hasattr(data, "tolist") else data
    if not isinstance(rows, list | tuple) or not all(isinstance(row, list | tuple) for row in rows):
        raise BadInput("must be rows of numbers, columns by name, or the path of a CSV file", field="data")
    n_columns = model["n_columns"]
    for position, row in enumerate(rows):
        if len(row) != n_columns:
            rule = f"has {len(row)} numbers, the model was trained with {n_columns}"
            raise BadInput(rule, field=f"data[{position}]", hint=_names(model))
    return [[_plain(value) for value in row] for row in rows]


def _read(model: Mapping[str, Any], path: str) -> list[list[Any]]:
    from novacron.inputs.table import read_features
    from novacron.inputs.text import read_text

    ignored = [name for name in (model.get("target"), *model.get("left_out", ())) if name is not None]
    text = read_text(Path(path), "data")
    return read_features(text, path, model.get("feature_names"), model["n_columns"], ignored)


def _of_columns(model: Mapping[str, Any], data: Mapping[Any, Any]) -> list[list[Any]]:
    from novacron.inputs.table import matched

    if not model.get("feature_names"):
        rule = "the model's columns have no names: give rows of numbers in the order of the training data"
        raise BadInput(rule, field="data")
    ignored = [name for name in (model.get("target"), *model.get("left_out", ())) if name is not None]
    names = matched(list(map(str, data)), model["feature_names"], model["n_columns"], ignored, None)
    columns = [list(data[name]) for name in names]
    if len({len(column) for column in columns}) > 1:
        raise BadInput("columns must be of one length", field="data")
    return [[_plain(value) for value in row] for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _names(model: Mapping[str, Any]) -> str | None:
    names = model.get("feature_names")
    return "in this order: " + ", ".join(names[:20]) if names else None
