"""Sweeps on a running stack: from a job file to a table, failures and growth included."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import read_table

from novacron import Client
from novacron._sweep_job import SweepJob
from novacron.errors import BadInput, Conflict
from tests.acceptance.stack import Stack

TFIM = """
kind: hybrid_vqe
hamiltonian: {model: tfim, n_qubits: 5}
ansatz: {name: hamiltonian_variational, layers: 3}
cache: true
"""


def job_file(folder: Path, text: str = TFIM) -> str:
    path = folder / "job.yaml"
    path.write_text(text)
    return str(path)


def test_a_chain_of_loops_is_warm_and_computed_once(stack: Stack, client: Client, tmp_path: Path) -> None:
    fields = [0.6, 0.7, 0.8, 0.9, 1.0]
    job, over = job_file(tmp_path), {"hamiltonian.h": fields}
    cold, warm = (client.sweep(job, over, start_from=start) for start in (None, "hamiltonian.h"))
    assert isinstance(warm, SweepJob)
    assert cold.result().n_completed == warm.result().n_completed == 5
    evaluations = [[row["result"]["n_evaluations"] for row in made.rows()] for made in (cold, warm)]
    energies = [[row["result"]["energy"] for row in made.rows()] for made in (cold, warm)]
    assert energies[0] == pytest.approx(energies[1], abs=1e-6)
    assert sum(evaluations[1][1:]) < 0.8 * sum(evaluations[0][1:])
    assert warm.best is not None and warm.best["coordinates"] == {"hamiltonian.h": 1.0}
    assert warm.plot().png[:4] == b"\x89PNG"
    again = client.sweep(job, over, start_from="hamiltonian.h")
    assert again.result().n_cached == 5
    assert [row["result"]["energy"] for row in again.rows()] == energies[1]


def test_the_command_line_sweeps_and_shows_a_table(stack: Stack, tmp_path: Path) -> None:
    text = "kind: pure_classical\nfunction: maxcut_brute_force\n"
    text += "arguments: {maxcut: {n_nodes: 3, edges: [[0, 1], [1, 2]], weights: [1, 2]}}\n"
    over = ("--over", "arguments.maxcut.weights.0=1..3", "--over", "seed=7,8")
    made = stack.document("submit", job_file(tmp_path, text), *over, "--watch")
    assert (made["status"], made["n_jobs"], made["n_failed"]) == ("completed", 6, 0)
    table = stack.document("table", made["job_id"])
    assert table["n_jobs"] == 6 and len(table["rows"]) == 6
    assert [row["arguments.maxcut.weights.0"] for row in table["rows"]] == [1, 1, 2, 2, 3, 3]
    mean = stack.document("table", made["job_id"], "--by", "seed", "--mean", "value.cut")["rows"]
    assert [(row["seed"], row["n"], row["value.cut mean"]) for row in mean] == [(7, 3, 4.0), (8, 3, 4.0)]
    rows = list(csv.DictReader(io.StringIO(stack.run("table", made["job_id"], "--csv").stdout)))
    assert [row["seed"] for row in rows] == ["7", "8"] * 3
    done = stack.run("table", made["job_id"], "--parquet", str(tmp_path / "sweep.parquet"))
    assert done.returncode == 0, done.stderr
    columns = read_table(tmp_path / "sweep.parquet").to_pydict()
    assert columns["value.cut"] == [row["value.cut"] for row in table["rows"]]
    ids = [row["job_id"] for row in table["rows"]][::-2]
    some = stack.document("table", *ids)["rows"]
    assert [row["job_id"] for row in some] == ids and some[0]["value.cut"] == table["rows"][-1]["value.cut"]


def test_files_are_values_told_by_their_names(client: Client, tmp_path: Path) -> None:
    for name, weight in (("one.json", 1), ("two.json", 2)):
        graph = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [weight, 1]}
        (tmp_path / name).write_text(json.dumps(graph))
    job: dict[str, Any] = {"kind": "hybrid_qaoa", "layers": 1, "seed": 3}
    job["problem"] = {"maxcut": {"n_nodes": 2, "edges": [[0, 1]]}}
    names = [str(tmp_path / name) for name in ("one.json", "two.json")]
    made = client.sweep(job, {"problem": names[:1]})
    assert made.result().n_completed == 1
    grown = made.extend({"problem": names[1:]})
    assert grown.result().n_cached == 1 and grown.best is not None
    assert grown.best["coordinates"] == {"problem": names[1]} and grown.best["value"] == 3.0
    with pytest.raises(BadInput, match="no such file") as refused:
        client.sweep(job, {"problem": [str(tmp_path / "three.json"), "four.json"]})
    assert [one.field for one in refused.value.all] == ["over.problem", "over.problem"]


def test_failures_are_retried_and_a_sweep_grows_without_repeating_work(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in "abcd"]
    for folder in folders:
        folder.mkdir()

    def calls() -> list[int]:
        return [len(list(folder.iterdir())) for folder in folders]

    job = {"kind": "pure_classical", "function": "flaky", "cache": False}
    job |= {"arguments": {"folder": "", "failures": 0, "error": "ValueError"}}
    over = {"arguments.folder": [str(folder) for folder in folders[:3]], "arguments.failures": [0, 1, 0]}
    made = client.sweep(job, over, together=[list(over)])
    assert (made.result().n_completed, made.result().n_failed, calls()) == (2, 1, [1, 1, 1, 0])
    assert [row.position for row in made.failed] == [1] and "call 1 fails" in str(
        made.failed[0].error_message
    )
    again = stack.document("retry", made.id, "--failed", "--watch")
    assert (again["n_jobs"], again["n_cached"], again["n_failed"]) == (3, 2, 0)
    assert calls() == [1, 2, 1, 0]
    grown = client.job(again["job_id"])
    assert isinstance(grown, SweepJob)
    more = {"arguments.folder": [str(folders[3])], "arguments.failures": [2]}
    with pytest.raises(BadInput, match="sweep is not over this path"):
        grown.extend({"seed": [1]})
    with pytest.raises(Conflict, match="no job of the sweep"):
        grown.retry_failed()
    with pytest.raises(BadInput, match="equally many values"):
        grown.extend({"arguments.folder": ["x"]})
    assert grown.extend(more).result().n_cached == 3
    assert calls() == [1, 2, 1, 1]
    with pytest.raises(Conflict, match="only failed and cancelled"):
        client.job(grown.rows()[0].job_id).retry()
    assert client.job(made.failed[0].job_id).retry().result().value == {"calls": 3}


def test_the_command_line_finds_waits_compares_and_cancels(stack: Stack, client: Client) -> None:
    noop = {"kind": "pure_classical", "function": "noop", "tags": ["together"], "cache": False}
    first, second = client.submit(noop | {"seed": 1}), client.submit(noop | {"seed": 2, "name": "second"})
    waited = stack.document("wait", first.id, second.id)["jobs"]
    assert [job["status"] for job in waited] == ["completed", "completed"]
    compared = stack.document("compare", first.id, second.id)
    assert {"field": "seed", "values": [1, 2]} in compared["rows"]
    held = [
        client.submit(noop | {"function": "sleep", "arguments": {"seconds": 600.0}, "seed": k})
        for k in (1, 2)
    ]
    listed = stack.document("jobs", "--tag", "together", "--status", "queued", "--status", "running")["jobs"]
    assert {job["job_id"] for job in listed} == {job.id for job in held}
    ended = stack.document("cancel", "--tag", "together")["jobs"]
    assert {job["job_id"] for job in ended} == {job.id for job in held}
    assert [job["job_id"] for job in stack.document("jobs", "--name", "sec*nd")["jobs"]] == [second.id]
    assert [row["job_id"] for row in stack.document("table", "--name", "sec*nd")["rows"]] == [second.id]
