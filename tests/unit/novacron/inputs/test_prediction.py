"""New samples: matched by name, or refused with what is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from novacron.errors import BadInput
from novacron.inputs import prediction
from novacron.specs import parse_spec

MODEL = {"n_columns": 2, "feature_names": ["a", "b"], "target": "y", "left_out": ["Id"]}
JOB = {"job_id": "j1", "kind": "quantum_ml", "name": "iris", "result": {"model": MODEL}}
NAMELESS = MODEL | {"feature_names": None}


class Frame:
    """What a data frame has of what is used."""

    columns = ("b", "a", "y")

    def to_dict(self, how: str) -> dict[str, list[float]]:
        assert how == "list"
        return {"b": [1.0, 2.0], "a": [3.0, 4.0], "y": [0, 1]}


@pytest.mark.parametrize(
    "data",
    [
        [[3.0, 1.0], [4.0, 2.0]],
        ((3.0, 1.0), (4.0, 2.0)),
        np.array([[3.0, 1.0], [4.0, 2.0]]),
        {"b": [1.0, 2.0], "a": [3.0, 4.0]},
        {"b": np.array([1.0, 2.0]), "a": np.array([3.0, 4.0]), "Id": [1, 2]},
        Frame(),
    ],
)
def test_rows_come_in_the_models_order(data: Any) -> None:
    assert prediction.rows_of(MODEL, data) == [[3.0, 1.0], [4.0, 2.0]]


def test_files_are_matched_by_name(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("Id,b,y,a\n7,1,no,3\n8,2,yes,4\n")
    for given in (path, str(path)):
        assert prediction.rows_of(MODEL, given) == [[3.0, 1.0], [4.0, 2.0]]
    path.write_text("p,q\n3,1\n4,2\n")
    assert prediction.rows_of(NAMELESS, path) == [[3.0, 1.0], [4.0, 2.0]]


@pytest.mark.parametrize(
    ("text", "rule", "value"),
    [
        ("a\n1\n", "the model needs a column that is not there", "b"),
        ("a,B\n1,2\n", "the model needs a column that is not there", "b"),
        ("a,b,c\n1,2,3\n", "the model has no such column", "c"),
        ("a,b\n1,x\n", "row 1, column 'b': must be a finite number", "x"),
        ("a,b\n1\n", "row 1 has 1 values for 2 columns", None),
        ("a,b\n", "has no rows", None),
        ("1,2\n3,4\n", "the first line must name the columns", "1"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, rule: str, value: Any) -> None:
    (tmp_path / "new.csv").write_text(text)
    with pytest.raises(BadInput) as refused:
        prediction.rows_of(MODEL, tmp_path / "new.csv")
    assert (refused.value.rule, refused.value.value) == (rule, value)


@pytest.mark.parametrize(
    ("model", "data", "rule"),
    [
        (MODEL, [[1.0]], "has 1 numbers, the model was trained with 2"),
        (MODEL, [1.0, 2.0], "must be rows of numbers"),
        (MODEL, 3, "must be rows of numbers"),
        (MODEL, {"a": [1.0]}, "needs a column"),
        (MODEL, {"a": [1.0], "b": [1.0, 2.0]}, "of one length"),
        (NAMELESS, {"a": [1.0], "b": [1.0]}, "have no names"),
    ],
)
def test_wrong_values_are_refused(model: Any, data: Any, rule: str) -> None:
    with pytest.raises(BadInput, match=rule):
        prediction.rows_of(model, data)


def test_the_job_is_one_the_scheduler_takes() -> None:
    job = prediction.job_of(JOB, [[1.0, 2.0]])
    assert parse_spec(job).name == "predict iris"
    with pytest.raises(BadInput, match="no trained model"):
        prediction.job_of(JOB | {"result": {}}, [[1.0, 2.0]])
