"""Jobs on devices of a provider, on real processes: one provider job per task, whatever happens."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from testing.faults.hardware import secrets_in
from testing.providers.stack import BELL, SHOTS, Stack, stack


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose only worker of the queue has one slot."""
    with stack("ibm", tmp_path_factory.mktemp("qpu")) as made:
        yield made
        made.closed()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose worker asks for devices every other second."""
    with stack("ibm", tmp_path_factory.mktemp("watched"), NOVACRON_WATCH_S="2") as made:
        yield made


def ledger(there: Stack, job: str) -> tuple[Any, ...]:
    query = "SELECT n_circuits, shots, reserved_s, charged_s FROM qpu_ledger WHERE job_id = %s"
    (row,) = there.rig.rows(query, job)
    return tuple(row)


def test_a_circuit_runs_on_a_device_and_its_use_is_settled(there: Stack) -> None:
    job = there.circuit()
    result = there.result(job)
    assert set(result["counts"]) <= {"00", "11"} and sum(result["counts"].values()) == SHOTS
    receipt = result["receipt"]
    assert receipt["device"] == "ibm_manila" and receipt["calibration"].startswith("ibm_manila-20")
    assert receipt["provider_job"] == there.server_id(job)
    assert result["compilation"]["two_qubit_count"] >= 1
    n_circuits, shots, reserved_s, charged_s = ledger(there, job)
    assert (n_circuits, shots) == (1, SHOTS) and reserved_s > 0 and charged_s == pytest.approx(2.07)
    assert there.accepted(job) == 1


def test_a_quote_before_and_the_cost_after(there: Stack) -> None:
    told = {"kind": "pure_quantum", "backend": "ibm:ibm_manila", "circuit": {"qasm": BELL}, "shots": SHOTS}
    found = there.http.post("/api/quantum/explain", json=told).json()["estimate"]
    assert (found["n_circuits"], found["n_shots"], found["usd"]) == (1, SHOTS, None)
    assert found["qpu_least_s"] < 2.07 < found["qpu_most_s"]
    since = datetime.now(UTC).isoformat()
    job = there.circuit()
    there.result(job)
    cost = there.http.get(f"/api/quantum/jobs/{job}/cost").json()
    (device,) = cost["devices"]
    assert (device["device"], device["n_shots"], device["n_open"]) == ("ibm_manila", SHOTS, 0)
    assert cost["qpu_s"] == device["charged_s"] == pytest.approx(2.07) and cost["usd"] is None
    assert there.http.get("/api/quantum/costs", params={"since": since}).json() == cost
    other = there.http.get("/api/quantum/costs", params={"tenant": "nobody"})
    assert other.status_code in (403, 404)


@pytest.mark.parametrize("point", ["submit", "accepted", "poll", "results"])
def test_a_worker_killed_at_any_point_submits_one_job(there: Stack, point: str) -> None:
    there.standing.behave(kill=point)
    job = there.circuit()
    result = there.result(job)
    assert sum(result["counts"].values()) == SHOTS and there.accepted(job) == 1
    assert result["receipt"]["calibration"].startswith("ibm_manila-20")
    assert there.standing.told()["cancelled"] == []


def test_a_submission_whose_answer_is_lost_is_found_by_its_tag(there: Stack) -> None:
    there.standing.behave(lose=1)
    job = there.circuit()
    assert sum(there.result(job)["counts"].values()) == SHOTS and there.accepted(job) == 1


def test_a_busy_provider_uses_up_no_retries(there: Stack) -> None:
    there.standing.behave(
        fail=[["POST", "/jobs$", 429, 1, {"Retry-After": "1"}], ["POST", "/jobs$", 429, 1, {}]]
    )
    job = there.circuit(max_retries=0)
    assert sum(there.result(job)["counts"].values()) == SHOTS and there.accepted(job) == 1


@pytest.mark.parametrize(
    ("behaviour", "changes", "words"),
    [
        ({"limit_reached": True}, {}, "has reached its limit of 600 s"),
        ({"offline": True}, {}, "accepts no jobs: its status is 'maintenance'"),
        ({"revoked": True}, {}, "does not accept the token"),
        ({}, {"budget": {"qpu_seconds": 1.5}}, "budget.qpu_seconds: 2.0"),
        ({"break_with": "Internal error"}, {}, "Internal error (error 9999)"),
    ],
)
def test_what_the_provider_does_not_take_is_said_with_its_cure(
    there: Stack, behaviour: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    there.standing.behave(**behaviour)
    job = there.circuit(**changes)
    ended = there.ended(job)
    there.standing.behave(limit_reached=False, offline=False, revoked=False, break_with="")
    error = there.rig.value("SELECT error FROM jobs WHERE id = %s", job)
    assert (ended["status"], error["class"]) == ("failed", "user") and words in error["message"], error
    assert there.accepted(job) == (1 if "break_with" in behaviour else 0)


def refused(there: Stack, **changes: Any) -> dict[str, Any]:
    """What a submission is refused with."""
    job = {"kind": "pure_quantum", "backend": "ibm:ibm_manila", "circuit": {"qasm": BELL}, "shots": SHOTS}
    answer = there.http.post("/api/quantum/jobs", json=job | changes)
    assert answer.status_code == 422, answer.text
    explained = there.http.post("/api/quantum/explain", json=job | changes)
    assert explained.json()["detail"] == answer.json()["detail"]
    found: dict[str, Any] = answer.json()["errors"][0]
    return found


def device(there: Stack) -> dict[str, Any]:
    found = there.http.get("/api/quantum/backends/ibm:ibm_manila").json()
    return dict(found)


@pytest.mark.parametrize(
    ("behaviour", "words", "cure"),
    [
        ({"limit_reached": True}, "the instance has reached its limit of 600 s", "raise the limit"),
        ({"offline": True}, "accepts no jobs: its status is 'maintenance'", "try it later"),
        ({"revoked": True}, "ibm does not accept the token of this worker", "set NOVACRON_IBM_TOKEN"),
        ({"retired": ["manila"]}, "accepts no jobs: its status is 'retired'", "ibm:ibm_kingston"),
    ],
)
def test_what_is_known_of_a_device_is_said_at_submission(
    watched: Stack, behaviour: dict[str, Any], words: str, cure: str
) -> None:
    before: dict[str, Any] = {
        key: [] if isinstance(value, list) else False for key, value in behaviour.items()
    }
    watched.rig.until(lambda: device(watched)["available"], "the device is in service")
    watched.standing.behave(**behaviour)
    watched.rig.until(lambda: not device(watched)["available"], "the listing says that it is not")
    error = refused(watched)
    watched.standing.behave(**before)
    assert error["field"] == "backend" and words in error["rule"] and cure in error["hint"], error
    watched.rig.until(lambda: device(watched)["available"], "it is in service again")
    assert watched.standing.told()["accepted"] == {}


def test_unknown_devices_too_many_shots_and_too_wide_circuits_are_refused(watched: Stack) -> None:
    watched.rig.until(lambda: device(watched)["available"], "the device is in service")
    error = refused(watched, backend="ibm:ibm_manilla")
    assert "is not a device of this account at ibm" in error["rule"]
    assert error["hint"] == "did you mean ibm:ibm_manila?"
    error = refused(watched, shots=200_000)
    assert (error["field"], error["rule"]) == ("shots", "must be at most 100000 on ibm_manila")
    wide = BELL.replace("qubit[2] q; bit[2] c", "qubit[6] q; bit[6] c")
    error = refused(watched, circuit={"qasm": wide})
    assert error["rule"] == "6 qubits are more than the 5 that ibm_manila connects"


def test_the_listing_shows_the_state_and_the_calibration_of_a_device(watched: Stack) -> None:
    watched.rig.until(lambda: device(watched)["available"], "the device is in service")
    found = device(watched)
    assert (found["type"], found["provider"], found["qubit_count"]) == ("hardware", "IBM", 5)
    assert found["calibration"]["id"].startswith("ibm_manila-20") and len(found["calibration"]["qubits"]) == 5
    assert (found["queue_length"], found["stale"], found["max_shots"]) == (0, False, 100_000)
    assert found["seen_at"] is not None and found["connectivity"]
    listed = {one["name"]: one for one in watched.http.get("/api/quantum/backends").json()["backends"]}
    assert listed["ibm:ibm_manila"]["calibration"]["id"] == found["calibration"]["id"]


def test_a_loop_runs_step_by_step_and_ends_in_good_order_when_its_budget_is_spent(there: Stack) -> None:
    loop = {"ansatz": {"name": "hardware_efficient"}, "optimizer": {"name": "spsa", "max_iterations": 20}}
    spec = {"kind": "hybrid_vqe", "hamiltonian": {"terms": [["ZZ", 1.0], ["XX", 0.5]]}, **loop}
    budget = {"qpu_seconds": 8.0}
    job = there.circuit(**spec, circuit=None, shots=100, budget=budget, timeout_s=300)
    result = there.result(job)
    assert not result["converged"] and result["message"].startswith("stopped: budget.qpu_seconds: ")
    (best,) = [one for one in result["history"] if one["evaluation"] == result["evaluation"]]
    assert result["energy"] == best["energy"] == min(one["energy"] for one in result["history"])
    assert len(result["parameters"]) == result["n_parameters"] and result["std_error"] is not None
    cost = there.http.get(f"/api/quantum/jobs/{job}/cost").json()
    (device,) = cost["devices"]
    assert 4.0 < cost["qpu_s"] <= 8.0 and device["n_open"] == 0
    counted = there.standing.told()["accepted"]
    assert [n for tag, n in counted.items() if tag.startswith(job)] == [1] * device["n_tasks"]


def test_a_cancelled_job_is_cancelled_at_the_provider_and_settled(there: Stack) -> None:
    there.standing.behave(hold=True)
    job = there.circuit()
    known = there.snoozed(job)
    there.cancel(job)
    there.rig.until(lambda: known in there.standing.told()["cancelled"], "it is cancelled there")
    there.closed()
    assert ledger(there, job)[3] == 0.0
    there.standing.behave(hold=False)


def test_no_secret_is_written_anywhere(there: Stack) -> None:
    assert secrets_in(there.rig, there.standing) == 0
    assert there.standing.told()["raw_keys"] == 0
