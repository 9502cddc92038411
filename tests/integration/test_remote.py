"""Work in a provider's queue, on real processes: no slot waits for it, nothing is submitted twice."""

import signal
from collections.abc import Iterator

import pytest

from shared.circuits.reader import read
from shared.quantum.wants import Want
from testing.remote.stack import BELL, SHOTS, Stack, stack
from workers.quantum.backends import load
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.immediate import answers


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack whose only worker of the queue has one slot."""
    with stack(tmp_path_factory.mktemp("remote"), slots=1) as made:
        yield made
        made.closed()


def test_the_device_and_its_calibration_travel_from_the_job_to_the_receipt(there: Stack) -> None:
    explained = there.http.post("/api/quantum/explain", json=there.spec("travel")).json()
    assert (explained["backend"], explained["device"], explained["calibration"]) == ("remote", "travel", None)
    job = there.submit("travel", seed=5)
    result = there.result(job)
    receipt = result["receipt"]
    placed = (receipt["backend"], receipt["device"], receipt["calibration"], receipt["queue"])
    assert placed == ("remote", "travel", "travel-1", "qpu-ibm")
    assert receipt["provider_job"] == there.server_id(job) == there.at_provider("travel")["id"]
    batch = Batch((Pub(read(BELL)),), frozenset({Want.COUNTS}), SHOTS, seed=5)
    (here,) = answers(load("statevector"), batch)
    assert here.counts is not None and result["counts"] == here.counts.item()
    assert there.told(job, "placement")[0]["device"] == "travel"


def test_results_are_shared_only_where_the_calibration_is_known(there: Stack) -> None:
    explained = there.http.post("/api/quantum/explain", json=there.spec("still", cache=True)).json()
    assert (explained["calibration"], explained["cache"]) == ("still-1", "miss")
    for device, is_shared in (("still", True), ("moving", False)):
        there.result(there.submit(device, cache=True))
        again = there.submit(device, cache=True)
        assert there.ended(again)["from_cache"] is is_shared
        assert len(there.server.jobs(device)) == (1 if is_shared else 2)


@pytest.mark.parametrize(
    ("device", "changes", "field"),
    [
        ("a", {"backend": "statevector:a"}, "backend"),
        ("a", {"backend": "remote"}, "backend"),
        ("a", {"shots": None}, "shots"),
        ("a", {"noise": "depolarizing"}, "backend"),
    ],
)
def test_what_a_device_cannot_do_is_refused_at_submission(
    there: Stack, device: str, changes: dict[str, object], field: str
) -> None:
    answer = there.http.post("/api/quantum/jobs", json=there.spec(device, **changes))
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == field, answer.text


def test_the_only_slot_is_free_while_the_provider_works(there: Stack) -> None:
    there.server.device("held", hold=True)
    waiting = there.submit("held")
    there.snoozed(waiting)
    assert there.result(there.submit("quick"))["counts"]
    assert there.job(waiting)["status"] == "running"
    there.server.device("held", hold=False, slow_s=0.5)
    assert there.result(waiting)["counts"]
    assert there.accepted(waiting) == 1


def test_a_provider_that_does_not_take_work_now_is_asked_again_with_patience(there: Stack) -> None:
    there.server.device("busy", fail_submit=2)
    job = there.submit("busy")
    assert there.result(job)["counts"]
    retries = [cause for cause in there.causes(job) if "maintained" in cause]
    assert [cause.rpartition("; ")[2] for cause in retries] == ["try 2 of 4 in 0.5 s", "try 3 of 4 in 1 s"]
    assert all(cause.startswith("transient: remote:busy") for cause in retries)


def test_work_is_not_given_up_because_nobody_tells_of_it(there: Stack) -> None:
    there.server.device("silent", fail_poll=2)
    job = there.submit("silent", max_retries=0)
    assert there.result(job)["counts"] and there.accepted(job) == 1
    (told,) = [body["message"] for body in there.told(job, "notice") if "does not report" in body["message"]]
    assert "remote:silent" in told and "maintained" in told


@pytest.mark.parametrize("lost", ["lose", "hang"])
def test_what_was_accepted_without_an_answer_is_found_again(there: Stack, lost: str) -> None:
    there.server.device(lost, **{lost: 1})
    job = there.submit(lost)
    assert there.result(job)["counts"]
    assert any("gives no answer" in cause for cause in there.causes(job))
    assert there.accepted(job) == 1


def test_what_the_provider_has_forgotten_is_submitted_again_with_a_warning(there: Stack) -> None:
    there.server.device("forgetful", hold=True)
    job = there.submit("forgetful")
    first = there.snoozed(job)
    there.server.forget(first)
    there.server.device("forgetful", hold=False)
    result = there.result(job)
    warning = f"remote:forgetful no longer knows its job {first}, which is submitted again"
    assert warning in result["warnings"] and {"message": warning} in [
        {"message": body["message"]} for body in there.told(job, "warning")
    ]
    assert there.accepted(job) == 2 and result["receipt"]["provider_job"] != first


@pytest.mark.parametrize(
    ("fault", "words"), [("refuse", "no such gate here"), ("break_with", "was too deep")]
)
def test_a_refusal_is_the_users_failure_in_the_providers_words(there: Stack, fault: str, words: str) -> None:
    there.server.device(fault, **{fault: words})
    job = there.submit(fault)
    failed = there.ended(job)
    error = there.rig.value("SELECT error FROM jobs WHERE id = %s", job)
    assert (failed["status"], error["class"]) == ("failed", "user")
    assert words in error["message"] and f"remote:{fault}" in error["message"]


@pytest.mark.parametrize("end", ["cancel", "timeout"])
def test_the_end_of_a_job_reaches_the_queue_of_the_provider(there: Stack, end: str) -> None:
    there.server.device(end, hold=True)
    job = there.submit(end, **({"timeout_s": 3.0} if end == "timeout" else {}))
    known = there.snoozed(job)
    if end == "cancel":
        there.cancel(job)
    there.rig.until(lambda: known in there.server.told()["cancelled"], "it is cancelled there")
    assert there.ended(job)["status"] == ("cancelled" if end == "cancel" else "failed")
    assert there.at_provider(end)["state"] == "cancelled"


def test_a_cancel_waits_for_a_worker_and_for_the_provider(there: Stack) -> None:
    there.server.device("far", hold=True)
    job = there.submit("far")
    known = there.snoozed(job)
    there.kill_worker(signal.SIGKILL)
    there.cancel(job)
    assert there.ended(job)["status"] == "cancelled" and known not in there.server.told()["cancelled"]
    there.start_worker()
    there.rig.until(lambda: known in there.server.told()["cancelled"], "it is cancelled there")
