"""Sweeps over HTTP: refused whole, accepted whole, read as a table."""

from typing import Any

import pytest

from novacron import Client
from tests.integration.conftest import JOBS, NOOP, Api

MODEL = {"model": "tfim", "n_qubits": 3}
VQE = {"kind": "hybrid_vqe", "hamiltonian": MODEL, "ansatz": "hardware_efficient"}


def sweep(over: dict[str, Any], job: dict[str, Any] = NOOP, **more: Any) -> dict[str, Any]:
    return {"kind": "sweep", "job": job, "over": over} | more


def test_a_sweep_is_one_row_in_the_list_and_a_table(api: Api):
    asked = sweep(
        {"seed": {"range": 4}, "priority": [1, 2]}, name="many", without=[{"seed": 3, "priority": 2}]
    )
    answer = api.http.post(JOBS, json=asked)
    assert answer.status_code == 202, answer.text
    document = answer.json()
    assert (document["n_jobs"], document["n_cached"], document["status"]) == (7, 0, "queued")
    assert api.http.get(JOBS, params={"limit": 1}).json()["jobs"][0]["job_id"] == document["job_id"]
    page = api.http.get(f"{JOBS}/{document['job_id']}/table", params={"limit": 4}).json()
    assert [row["coordinates"] for row in page["rows"]] == [
        {"seed": seed, "priority": priority} for seed in (0, 1) for priority in (1, 2)
    ]
    rest = api.http.get(f"{JOBS}/{document['job_id']}/table", params={"after": page["next"]}).json()
    assert len(rest["rows"]) == 3 and rest["next"] is None
    child = api.http.get(f"{JOBS}/{page['rows'][2]['job_id']}").json()
    assert (child["sweep"], child["name"], child["seed"]) == (document["job_id"], "many seed=1 priority=1", 1)
    assert child["spec"]["priority"] == 1
    assert api.http.delete(f"{JOBS}/{document['job_id']}").json()["status"] == "cancelled"
    assert api.http.get(f"{JOBS}/{child['job_id']}").json()["status"] == "cancelled"


def test_a_chain_waits_for_its_neighbour_and_is_shared_as_a_whole(api: Api):
    asked = sweep({"seed": [1, 2], "hamiltonian.h": [0.5, 1.0, 1.5]}, VQE, start_from="hamiltonian.h")
    rows = []
    for _ in range(2):
        made = api.http.post(JOBS, json=asked).json()
        page = api.http.get(f"{JOBS}/{made['job_id']}/table").json()["rows"]
        rows.append([api.http.get(f"{JOBS}/{row['job_id']}").json() for row in page])
    first, again = rows
    assert [job["depends_on"] for job in first[:3]] == [[], [first[0]["job_id"]], [first[1]["job_id"]]]
    assert first[1]["spec"]["initial_point"] == {"job": first[0]["job_id"], "values": None}
    assert first[3]["depends_on"] == [] and all(job["joined"] is None for job in first)
    assert [job["joined"] for job in again] == [job["job_id"] for job in first]
    uncached = api.http.post(JOBS, json=asked | {"job": VQE | {"cache": False}})
    assert uncached.status_code == 202, uncached.text


def test_jobs_are_tagged_found_and_counted(api: Api, problem):
    made = api.http.post(JOBS, json=NOOP | {"name": "tagged", "tags": ["one", "two"]}).json()
    assert made["tags"] == ["one", "two"]
    path = f"{JOBS}/{made['job_id']}"
    assert api.http.patch(path, json={"tags": ["three"]}).json()["tags"] == ["three"]
    problem(api.http.patch(path, json={"tags": ["not one word"]}), 422)
    query = {"tag": "three", "status": ["queued", "completed"], "counts": True, "since": made["created_at"]}
    page = api.http.get(JOBS, params=query).json()
    assert [job["job_id"] for job in page["jobs"]] == [made["job_id"]]
    assert sum(page["counts"].values()) == 1
    rows = api.http.get("/api/quantum/table", params={"tag": "three", "limit": 1}).json()
    assert [row["name"] for row in rows["rows"]] == ["tagged"] and rows["next"] == made["job_id"]
    rest = api.http.get("/api/quantum/table", params={"tag": "three", "after": rows["next"]}).json()
    assert rest == {"rows": [], "next": None}
    problem(api.http.get("/api/quantum/table", params={"id": [made["job_id"], "nowhere"]}), 404)
    problem(api.http.get(JOBS, params={"status": ["queued", "done"]}), 422)


def test_a_loop_starts_at_the_parameters_of_a_loop(api: Api, problem):
    other = api.http.post(JOBS, json=NOOP).json()["job_id"]
    for start, rule in ((other, "no parameters"), ("nowhere", "no such job")):
        [error] = problem(api.http.post(JOBS, json=VQE | {"initial_point": {"job": start}}), 422)["errors"]
        assert error["field"] == "initial_point.job" and rule in error["rule"]
    loop = api.http.post(JOBS, json=VQE | {"seed": 5}).json()["job_id"]
    made = api.http.post(JOBS, json=VQE | {"initial_point": {"job": loop}}).json()
    assert made["depends_on"] == [loop]


@pytest.mark.parametrize(
    ("asked", "field", "rule"),
    [
        (sweep({"seed": [1, 2, -1, -2]}), "over.seed", "at least 0 (2 of 4 jobs; first at seed = -1)"),
        (sweep({"hamiltonian.n_qubits": [2, 3, 40]}, VQE), "job.backend", "(1 of 3 jobs; first at"),
        (sweep({"sed": [1]}), "over.sed", "unknown key"),
        (
            sweep({"hamiltonian.n_qubits": [2, 3]}, VQE, start_from="hamiltonian.n_qubits"),
            "over.hamiltonian.n_qubits", "parameters (1 of 2 jobs",
        ),
        (sweep({"seed": {"range": 60_000}, "priority": [1, 2]}), "over", "120,000 jobs (60,000 x 2)"),
        (sweep({"seed": [1]}, {**NOOP, "backend": "statevector"}), "job.backend", "run no circuits"),
        (sweep({"seed": [1]}, {"kind": "sweep"}), "job.kind", "must be one of"),
        (sweep({"depends_on": [["nowhere"]]}), "depends_on[0]", "no such job"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused_whole(api: Api, problem, asked, field, rule):
    before = api.n_rows()
    [error, *_] = problem(api.http.post(JOBS, json=asked), 422)["errors"]
    assert error["field"] == field and rule in error["rule"]
    assert api.n_rows() == before


def test_a_sweep_is_explained_without_being_submitted(api: Api):
    before = api.n_rows()
    told = api.http.post("/api/quantum/explain", json=sweep({"hamiltonian.h": [0.5, 1.0]}, VQE)).json()
    assert (told["n_jobs"], told["n_cached"], told["cache"]) == (2, 0, "miss")
    assert told["n_tasks"] == sum(group["count"] for group in told["tasks"]) == 4
    assert told["estimate"]["modelled_s"] > 0 and "2 jobs" in told["why"]
    assert api.n_rows() == before


def test_the_client_makes_frames(api: Api):
    with Client(str(api.http.base_url), api.token) as client:
        made = client.sweep(NOOP, {"seed": range(3)}, name="rows")
        assert (made.n_jobs, made.best, made.failed) == (3, None, [])
        assert [row.coordinates["seed"] for row in made.rows()] == [0, 1, 2]
        frame = made.frame()
        assert list(frame[0] if isinstance(frame, list) else frame.columns)[:2] == ["seed", "status"]
        assert type(client.job(made.id)) is type(made)
