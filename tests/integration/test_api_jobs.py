"""Submitting over HTTP: once for each key, listed in order, waited for, never somebody else's."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.db import log_lines, session
from testing.patience import PATIENCE_S, eventually
from tests.integration.conftest import JOBS, NOOP, Api

EXECUTE = "/api/quantum/circuits/execute"
BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0], q[1];\n'


def submit(api: Api, key: str | None = None, **more):
    headers = {} if key is None else {"Idempotency-Key": key}
    return api.http.post(JOBS, json=NOOP | {"cache": False} | more, headers=headers)


def test_a_key_makes_one_job(api: Api):
    first, again = submit(api, "one"), submit(api, "one")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["job_id"] == again.json()["job_id"]
    assert first.headers["location"] == f"{JOBS}/{first.json()['job_id']}"


def test_a_key_with_another_body_is_a_conflict(api: Api, problem):
    first = submit(api, "two").json()["job_id"]
    before = api.n_rows()
    assert first in problem(submit(api, "two", seed=1), 409)["detail"]
    assert api.n_rows() == before


def test_the_order_of_keys_in_a_body_does_not_matter(api: Api):
    bodies = (
        b'{"kind": "pure_classical", "function": "noop"}',
        b'{"function":"noop","kind":"pure_classical"}',
    )
    answers = [api.http.post(JOBS, content=body, headers={"Idempotency-Key": "order"}) for body in bodies]
    assert answers[0].json()["job_id"] == answers[1].json()["job_id"]


def test_a_key_is_the_tenants_own(api: Api):
    ids = set()
    for tenant in ("east", "west"):
        headers = api.token_for(tenant) | {"Idempotency-Key": "shared"}
        ids.add(api.http.post(JOBS, json=NOOP, headers=headers).json()["job_id"])
    assert len(ids) == 2


def test_a_key_of_a_refused_job_is_free(api: Api):
    assert submit(api, "free", seed="x").status_code == 422
    assert submit(api, "free").status_code == 202


@pytest.mark.parametrize("cache", [False, True])
def test_concurrent_duplicates_are_one_job(api: Api, cache):
    start = threading.Barrier(8)

    def send(_: int) -> tuple[int, str]:
        start.wait()
        answer = submit(api, f"at once {cache}", cache=cache, seed=77)
        return answer.status_code, answer.json()["job_id"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert len(answers) == 1


def test_concurrent_twins_have_one_leader(api: Api):
    start = threading.Barrier(8)

    def send(_: int) -> dict[str, Any]:
        start.wait()
        found: dict[str, Any] = submit(api, cache=True, seed=78).json()
        return found

    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(send, range(8)))
    leaders = {job["job_id"] for job in jobs if job["joined"] is None}
    assert len(leaders) == 1
    assert {job["joined"] for job in jobs} == {None, *leaders}


def test_a_replay_with_a_key_is_made_once(api: Api):
    job_id = submit(api).json()["job_id"]
    answers = [
        api.http.post(f"{JOBS}/{job_id}/replay", headers={"Idempotency-Key": "replay"}).json()
        for _ in range(2)
    ]
    assert answers[0]["job_id"] == answers[1]["job_id"] != job_id
    assert answers[0]["replay_of"] == job_id


def test_listings_page_through_everything_newest_first(api: Api):
    headers = api.token_for("pages")
    ids = [api.http.post(JOBS, json=NOOP | {"seed": n}, headers=headers).json()["job_id"] for n in range(7)]
    found: list[str] = []
    after = None
    while True:
        query = {"limit": 3} | ({} if after is None else {"after": after})
        page = api.http.get(JOBS, params=query, headers=headers).json()
        found += [job["job_id"] for job in page["jobs"]]
        after = page["next"]
        if after is None:
            break
    assert found == ids[::-1]
    assert "spec" not in page["jobs"][0] and "result" not in page["jobs"][0]
    api.http.delete(f"{JOBS}/{ids[3]}", headers=headers)
    only = api.http.get(JOBS, params={"status": "cancelled"}, headers=headers).json()["jobs"]
    assert [job["job_id"] for job in only] == [ids[3]]
    assert api.http.get(JOBS, params={"kind": "hybrid_vqe"}, headers=headers).json()["jobs"] == []


def test_waiting_ends_with_the_time_given_or_with_the_job(api: Api):
    job_id, other = (submit(api).json()["job_id"] for _ in range(2))

    def status(which: str, wait_s: float) -> str:
        return str(api.http.get(f"{JOBS}/{which}", params={"wait_s": wait_s}).json()["status"])

    assert status(job_id, 0.2) == "queued"
    with ThreadPoolExecutor(2) as pool:
        # The first has asked for no longer than the second, and is still waiting when that has its answer.
        waiting, answered = (pool.submit(status, which, 60) for which in (other, job_id))
        assert status(other, 0) == "queued" and not answered.done()
        api.http.delete(f"{JOBS}/{job_id}")
        assert answered.result(PATIENCE_S) == "cancelled" and not waiting.done()
        api.http.delete(f"{JOBS}/{other}")
        assert waiting.result(PATIENCE_S) == "cancelled"


def test_cancelling_twice_is_the_same_as_once(api: Api):
    job_id = submit(api).json()["job_id"]
    answers = [api.http.delete(f"{JOBS}/{job_id}") for _ in range(2)]
    assert [(one.status_code, one.json()["status"]) for one in answers] == [(200, "cancelled")] * 2


def test_a_circuit_that_does_not_parse_is_refused_with_its_line(api: Api, problem):
    refused = problem(api.http.post(EXECUTE, json={"circuit": BELL + "foo q[0];\n"}), 422)
    assert refused["errors"][0]["field"] == "circuit"
    assert refused["errors"][0]["rule"].startswith("line 6, column 1: gate 'foo'")
    ranked = {"kind": "pure_classical", "function": "rank_devices", "arguments": {"circuit": "foo"}}
    refused = problem(api.http.post(JOBS, json=ranked), 422)
    assert refused["errors"][0]["field"] == "arguments.circuit"
    wrong: list[Any] = [None, 7, [], {}, {"file": "/etc/passwd"}, "/etc/passwd", "OPENQASM 9;"]
    for circuit in wrong:
        problem(api.http.post(EXECUTE, json={"circuit": circuit}), 422)
    assert api.http.post(EXECUTE, json={"circuit": BELL, "shots": 10}).status_code == 202


@pytest.mark.parametrize(
    "operation, algorithm",
    [("sign_verify", "ML-KEM-768"), ("kem_roundtrip", "ML-DSA-65"), ("sign_verify", "RSA")],
)
def test_an_algorithm_that_cannot_do_it_is_refused(api: Api, problem, operation, algorithm):
    job = {"kind": "cryptographic", "operation": operation, "algorithm": algorithm}
    refused = problem(api.http.post(JOBS, json=job), 422)
    assert refused["errors"][0]["field"] == "algorithm"
    assert "ML-" in refused["errors"][0]["hint"]


def test_no_file_of_the_server_is_ever_read(api: Api, problem):
    for part in (
        {"kind": "hybrid_vqe", "hamiltonian": {"file": "/etc/passwd"}, "ansatz": "uccsd"},
        {"kind": "hybrid_vqe", "hamiltonian": "/etc/passwd", "ansatz": "uccsd"},
        {
            "kind": "hybrid_vqe",
            "hamiltonian": {"model": "tfim", "n_qubits": 2},
            "ansatz": {"qasm": "/etc/passwd"},
        },
        {"kind": "hybrid_qaoa", "problem": {"maxcut": {"file": "/etc/passwd"}}},
        {"kind": "quantum_ml", "data": {"file": "/etc/passwd", "target": "x"}, "model": "kernel_svm"},
        {"kind": "pure_quantum", "circuit": {"qasm": 'OPENQASM 3.0; include "/etc/passwd";'}},
    ):
        refused = problem(api.http.post(JOBS, json=part), 422)
        assert "root:" not in str(refused)


def test_tasks_page_through_everything_oldest_first(api: Api, problem):
    job = {"kind": "pure_classical", "function": "noop", "map": [{} for _ in range(7)], "cache": False}
    path = f"{JOBS}/{api.http.post(JOBS, json=job).json()['job_id']}/tasks"
    whole = api.http.get(path).json()
    assert len(whole["tasks"]) == 8 and whole["next"] is None
    ids = [task["task_id"] for task in whole["tasks"]]
    assert ids == sorted(ids) and whole["tasks"][-1]["depends_on"] == ids[:-1]
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": 0}
    while page["next"] is not None:
        page = api.http.get(path, params={"limit": 3, "after": page["next"]}).json()
        found += page["tasks"]
    assert found == whole["tasks"]
    for query in ({"limit": 0}, {"limit": 501}, {"after": -1}, {"after": 2**63}, {"after": "x"}):
        assert problem(api.http.get(path, params=query), 422)["errors"][0]["field"] == next(iter(query))
    assert problem(api.http.get(f"{JOBS}/none/tasks"), 404)


def line(event: str) -> str:
    """A line as it is kept."""
    told = dict.fromkeys(("task", "attempt", "queue", "worker", "trace_id", "exception"))
    told |= {"time": "2026-11-30T00:00:00.000+00:00", "level": "info", "logger": "novacron.tests"}
    return json.dumps(told | {"event": event, "facts": {}})


def test_logs_page_through_what_is_kept_oldest_first(api: Api, problem):
    job = submit(api).json()["job_id"]
    path = f"{JOBS}/{job}/logs"
    eventually(
        lambda: {"submitted", "planned"} <= {one["event"] for one in api.http.get(path).json()["lines"]}
    )
    with session.connect(api.database_url, name="tests") as connection:
        log_lines.keep(connection, [(job, line(f"line {place}")) for place in range(7)])
    whole = api.http.get(path).json()
    assert [one["event"] for one in whole["lines"]][-7:] == [f"line {place}" for place in range(7)]
    assert [one["number"] for one in whole["lines"]] == list(range(1, len(whole["lines"]) + 1))
    assert (whole["next"], whole["ended"]) == (None, False)
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": 0}
    while page["next"] is not None:
        page = api.http.get(path, params={"limit": 3, "after": page["next"]}).json()
        found += page["lines"]
    assert found == whole["lines"]
    for query in ({"limit": 0}, {"limit": 501}, {"after": -1}, {"after": 2**63}, {"after": "x"}):
        assert problem(api.http.get(path, params=query), 422)["errors"][0]["field"] == next(iter(query))
    assert problem(api.http.get(path, headers=api.token_for("elsewhere")), 404)
    assert problem(api.http.get(f"{JOBS}/none/logs"), 404)
