"""Jobs on devices of a provider, on real processes: one provider job per task, whatever happens."""

from collections.abc import Iterator
from typing import Any

import pytest

from testing.providers.stack import SHOTS, Stack, stack


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose only worker of the queue has one slot."""
    with stack("ibm", tmp_path_factory.mktemp("qpu")) as made:
        yield made
        made.closed()


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
        ({}, {"backend": "ibm:ibm_manilla"}, "has no device 'ibm_manilla'"),
        ({}, {"shots": 200_000}, "200000 are more than the 100000"),
        ({}, {"budget": {"qpu_seconds": 1.0}}, "budget.qpu_seconds: 2.0"),
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
    secret = there.standing.variables["NOVACRON_IBM_TOKEN"].encode()
    for path in there.folder.rglob("*"):
        if path.is_file():
            found = path.read_bytes()
            assert secret not in found and b"eyJhbGciOi" not in found, path
    assert there.standing.told()["raw_keys"] == 0
