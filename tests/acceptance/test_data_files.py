"""What a data file says counts: read right or refused, through the command line."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from novacron import AsyncClient
from novacron.errors import BadInput
from tests.acceptance.stack import DATA, Stack

CASES = DATA / "cases"


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("i24_nuc", "nuclear_repulsion"),
        ("i25_weight", "did you mean 'weights'?"),
        ("i26_constant_out", "it belongs inside qubo"),
        ("J_q10_capacity_graphml_job", "`weight: capacity`"),
        ("m06_wide", "25 features need 25 qubits"),
    ],
)
def test_a_key_that_would_be_dropped_is_refused(stack: Stack, case: str, told: str) -> None:
    done = stack.run("submit", str(CASES / f"{case}.json"), "--watch", "--json")
    assert done.returncode == 2 and not done.stdout
    assert told in done.stderr and "Traceback" not in done.stderr


def submitted(stack: Stack, path: Path) -> Any:
    return stack.document("submit", str(path), "--watch")


def test_a_diagonal_is_linear_and_an_offset_changes_no_ratio(stack: Stack) -> None:
    assert submitted(stack, CASES / "q03_diag.json")["result"]["best_value"] == -3.0
    plain, shifted = (submitted(stack, CASES / f"q05_offset{name}.json")["result"] for name in ("0", "1e6"))
    assert shifted["approximation_ratio"] == pytest.approx(plain["approximation_ratio"], abs=1e-9)
    assert shifted["best_value"] - plain["best_value"] == pytest.approx(1e6)


def test_an_index_among_the_columns_is_warned_of(stack: Stack) -> None:
    (warning,) = submitted(stack, CASES / "m02_id.json")["result"]["warnings"]
    assert "column 'Id' looks like an index" in warning and "`drop: [Id]`" in warning


def test_a_cut_names_its_nodes_and_is_listed_in_its_own_sign(stack: Stack, tmp_path: Path) -> None:
    problem = {"file": str(CASES / "q10_capacity.graphml"), "weight": "capacity"}
    job = {"kind": "hybrid_qaoa", "layers": 3, "seed": 5, "problem": problem}
    (tmp_path / "cut.json").write_text(json.dumps(job))
    job = submitted(stack, tmp_path / "cut.json")
    result = job["result"]
    assert result["best_value"] == job["best_value"] == pytest.approx(14.9)
    rows = stack.document("jobs")["jobs"]
    assert next(row for row in rows if row["job_id"] == job["job_id"])["best_value"] == pytest.approx(14.9)
    sides = {node: int(bit) for node, bit in zip(result["names"], result["best_bitstring"], strict=True)}
    assert result["assignment"] == sides
    assert sorted(result["partition"][0] + result["partition"][1]) == sorted(result["names"])


SIDES = ("right", "left")
ROWS = [f"{k},Rome,{k % 7 / 7 + k % 2},{k % 5 / 5 - k % 2},{SIDES[k % 2]}" for k in range(60)]
TABLE = "\n".join(["Id,city,a,b,side", *ROWS, ""])


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ({"name": "kernel_svm", "feature_map": "angle", "layers": 1}, {}),
        ({"name": "kernel_svm"}, {"shots": 100}),
        ({"name": "variational_classifier"}, {"optimizer": {"name": "adam", "max_iterations": 10}}),
    ],
)
def test_a_trained_model_predicts_its_test_rows_and_new_ones(
    stack: Stack, tmp_path: Path, model: Any, more: Any
) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    data = {"file": "t.csv", "target": "side", "drop": ["Id", "city"]}
    job = {"kind": "quantum_ml", "data": data, "model": model, "seed": 3} | more
    (tmp_path / "job.json").write_text(json.dumps(job))
    trained = submitted(stack, tmp_path / "job.json")
    result, rows = trained["result"], list(csv.reader(TABLE.splitlines()))
    chosen = [rows[0], *(rows[1 + row] for row in result["test_rows"])]
    with (tmp_path / "new.csv").open("w", newline="") as file:
        csv.writer(file).writerows(chosen)
    asked = ("predict", trained["job_id"], "--data", str(tmp_path / "new.csv"))
    found = stack.document(*asked, "-o", str(tmp_path / "out.csv"))
    assert found["predictions"] == result["predictions"] and found["model_job_id"] == trained["job_id"]
    written = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))
    assert written[0] == [*rows[0], "prediction"]
    assert [row[-1] for row in written[1:]] == result["predictions"]
    assert stack.run(*asked).stdout.split() == result["predictions"]
    x = [[float(row[2]), float(row[3])] for row in chosen[1:]]
    assert stack.client().job(trained["job_id"]).predict(x) == result["predictions"]
    columns = {"b": [row[1] for row in x], "a": [row[0] for row in x]}
    assert asyncio.run(predicted_by(stack, trained["job_id"], columns)) == result["predictions"]
    with pytest.raises(BadInput, match="was trained with 2"):
        stack.client().job(trained["job_id"]).predict([[1.0]])
    (tmp_path / "new.csv").write_text("a,c\n1,2\n")
    refused = stack.run(*asked)
    assert refused.returncode == 2 and "new.csv:1: 'b': the model needs a column" in refused.stderr


async def predicted_by(stack: Stack, job_id: str, data: Any) -> list[Any]:
    async with AsyncClient(stack.url, stack.token) as client:
        return await (await client.job(job_id)).predict(data)


def test_a_graph_too_large_for_brute_force_is_refused_at_submission(stack: Stack, tmp_path: Path) -> None:
    edges = [[k, k + 1] for k in range(26)]
    job = {
        "kind": "pure_classical",
        "function": "maxcut_brute_force",
        "arguments": {"maxcut": {"edges": edges}},
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    done = stack.run("submit", str(tmp_path / "job.json"))
    assert done.returncode == 2 and "at most 26 nodes" in done.stderr
