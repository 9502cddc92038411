"""Many jobs by one request: all of them, or none."""

from pathlib import Path

import pytest

from novacron import Client
from novacron.errors import BadInput
from tests.acceptance.stack import Stack

NOOP = {"kind": "pure_classical", "function": "noop", "cache": False}
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'


def test_jobs_are_accepted_in_order_and_run(client: Client) -> None:
    specs = [NOOP | {"name": f"one of many {place}", "seed": place} for place in range(200)]
    jobs = client.submit_many([*specs, {"kind": "pure_quantum", "circuit": {"qasm": BELL}}])
    assert [job.name for job in jobs[:200]] == [spec["name"] for spec in specs]
    assert len({job.id for job in jobs}) == 201
    assert all(job.wait().status == "completed" for job in jobs)
    assert jobs[-1].result().probabilities == pytest.approx({"00": 0.5, "11": 0.5})


def test_equal_jobs_of_a_request_are_computed_once(client: Client) -> None:
    vqe = {"kind": "hybrid_vqe", "ansatz": {"name": "hamiltonian_variational"}, "seed": 20_261_201}
    first, second = client.submit_many(2 * [vqe | {"hamiltonian": {"model": "tfim", "n_qubits": 4}}])
    assert first.result().energy == second.result().energy
    joined = [event.data.get("cause", "") for event in second.stream() if event.kind == "job"]
    assert joined[0] == f"joined job {first.id}, which computes the same"


def test_one_bad_job_and_none_is_written(stack: Stack, client: Client) -> None:
    before = len(client.jobs(name="not this one", limit=500))
    good = NOOP | {"name": "not this one"}
    with pytest.raises(BadInput) as caught:
        client.submit_many([good, good | {"functoin": "noop"}, good | {"function": "nop"}])
    assert [one.field for one in caught.value.all] == ["jobs[1].functoin", "jobs[2].function"]
    with pytest.raises(BadInput, match="there is no such job") as caught:
        client.submit_many([good, good | {"depends_on": ["0000000000000000"]}])
    assert caught.value.field == "jobs[1].depends_on[0]"
    bodies: list[dict[str, object]] = [{}, {"jobs": []}, {"jobs": [good], "more": 1}, {"jobs": 1001 * [good]}]
    for body in bodies:
        with stack.http(stack.token) as http:
            answer = http.post("/api/quantum/jobs/batch", json=body)
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "jobs"
    assert len(client.jobs(name="not this one", limit=500)) == before


def test_a_request_that_is_repeated_creates_nothing_twice(stack: Stack) -> None:
    key = {"Idempotency-Key": "many"}
    with stack.http(stack.token) as http:
        answers = [
            http.post("/api/quantum/jobs/batch", json={"jobs": 3 * [NOOP]}, headers=key) for _ in range(2)
        ]
    first, second = ([job["job_id"] for job in answer.json()["jobs"]] for answer in answers)
    assert first == second and len(set(first)) == 3


def test_files_are_submitted_together_and_blamed_alone(stack: Stack, tmp_path: Path) -> None:
    files = [tmp_path / f"{place}.yaml" for place in range(3)]
    for file in files:
        file.write_text("kind: pure_classical\nfunction: noop\ncache: false\n")
    done = stack.run("submit", *map(str, files), "--watch")
    assert done.returncode == 0 and done.stdout.count("completed") == 3, done.stderr
    files[1].write_text("kind: pure_classical\nfunction: nop\n")
    refused = stack.run("submit", *map(str, files))
    assert refused.returncode != 0
    assert f"{files[1]}:2:1: function = 'nop': is not a registered function" in refused.stderr
