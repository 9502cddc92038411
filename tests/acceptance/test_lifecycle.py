"""Jobs that wait, are overtaken, fail, are tried again or stopped."""

import pytest

from novacron import Client
from novacron.errors import Conflict, JobCancelled, JobFailed
from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import LONG_S, Stack, sleeping

NOOP = {"kind": "pure_classical", "function": "noop"}


def busy(client: Client) -> int:
    return sum(worker["busy"] for worker in client.workers()["workers"])


def wait_idle(client: Client) -> None:
    eventually(lambda: busy(client) == 0, "rest")


@pytest.fixture
def occupied(stack: Stack, client: Client):
    """All slots of the queue taken; releases them when called."""
    wait_idle(client)
    slots = next(queue["slots"] for queue in client.workers()["queues"] if queue["queue"] == "cpu-sim")
    jobs = [stack.submit(sleeping(LONG_S), client) for _ in range(slots)]
    eventually(lambda: busy(client) == slots, "the workers' being busy")
    yield lambda: [job.cancel() for job in jobs if not job.refresh().ended]
    for job in jobs:
        if not job.refresh().ended:
            job.cancel()


def test_a_chain_of_jobs_runs_in_its_order(stack: Stack, client: Client):
    first = stack.submit(sleeping(0.2), client)
    second = stack.submit(sleeping(0.01, depends_on=[first.id]), client)
    last = stack.submit(NOOP | {"depends_on": [first.id, second.id], "seed": 1}, client)
    assert last.status == "queued"
    ended = [job.wait(PATIENCE_S).document for job in (first, second, last)]
    assert [job["status"] for job in ended] == ["completed"] * 3
    assert (
        ended[0]["finished_at"] <= ended[1]["started_at"] < ended[1]["finished_at"] <= ended[2]["started_at"]
    )
    assert ended[2]["depends_on"] == [first.id, second.id]


@pytest.mark.parametrize("fate", ["failed", "cancelled"])
def test_a_job_fails_when_one_it_depends_on_does_not_complete(stack: Stack, client: Client, tmp_path, fate):
    if fate == "failed":
        arguments = {"folder": str(tmp_path), "failures": 9, "error": "ValueError"}
        parent = stack.submit({"kind": "pure_classical", "function": "flaky", "arguments": arguments}, client)
    else:
        parent = stack.submit(sleeping(LONG_S), client)
    child = stack.submit(NOOP | {"depends_on": [parent.id], "name": "child"}, client)
    grandchild = stack.submit(NOOP | {"depends_on": [child.id], "name": "grandchild"}, client)
    if fate == "cancelled":
        parent.cancel("not needed")
    how = 'was cancelled by the token "first": not needed' if fate == "cancelled" else "failed: flaky of "
    for job, culprit, ended in ((child, parent, fate), (grandchild, child, "failed")):
        error = job.wait(PATIENCE_S).document["error"]
        assert (error["class"], error["code"]) == ("dependency", f"dependency_{ended}")
        assert error["message"].startswith(f"job {culprit.id}, which this job depends on, ")
        assert error["message"].count(how) == error["message"].count(parent.id) == 1
    late = stack.submit(NOOP | {"depends_on": [parent.id], "name": "late"}, client)
    assert late.wait(PATIENCE_S).document["error"]["class"] == "dependency"


def test_a_cancelled_job_says_by_whom_when_and_why_once(stack: Stack, client: Client):
    job = stack.submit(sleeping(LONG_S), client)
    done = stack.run("cancel", job.id, "--reason", "the wrong molecule")
    assert (done.returncode, done.stdout) == (0, f"job {job.id} cancelled\n")
    error = job.refresh().document["error"]
    told = 'cancelled by the token "first": the wrong molecule'
    assert (error["class"], error["message"], job.error_message) == ("cancelled", told, told)
    assert (error["by"], error["reason"]) == ("first", "the wrong molecule")
    with pytest.raises(JobCancelled) as raised:
        job.result()
    assert str(raised.value).startswith(f"job {job.id} was {told} (") and str(raised.value).endswith(" UTC)")
    for command in (("result", job.id), ("job", job.id), ("job", job.id, "--watch")):
        said = stack.run(*command)
        assert (said.stdout + said.stderr).count(f"job {job.id} was {told} (") == 1, command
    listed = stack.run("jobs").stdout
    assert "cancelled" in next(line for line in listed.splitlines() if job.id in line)


def test_a_waiting_job_can_be_cancelled(stack: Stack, client: Client):
    parent = stack.submit(sleeping(LONG_S), client)
    child = stack.submit(NOOP | {"depends_on": [parent.id]}, client)
    assert child.cancel().status == "cancelled"
    parent.cancel()


def test_what_is_urgent_overtakes_what_waits(stack: Stack, client: Client, occupied):
    low = [stack.submit(sleeping(0.03, priority=-10), client) for _ in range(12)]
    high = [stack.submit(sleeping(0.01, priority=50), client) for _ in range(3)]
    occupied()
    started = {job.id: job.wait(PATIENCE_S).document["started_at"] for job in (*low, *high)}
    order = sorted(started, key=lambda job_id: started[job_id])
    places = [order.index(job.id) for job in high]
    # What was on its way to a worker already cannot be overtaken; that is bounded.
    assert max(places) < len(order) / 2, places


def test_a_queued_job_is_cancelled_and_never_runs(stack: Stack, client: Client, occupied):
    waiting = stack.submit(sleeping(0.01), client)
    done = stack.run("cancel", waiting.id)
    assert (done.returncode, done.stdout) == (0, f"job {waiting.id} cancelled\n")
    occupied()
    wait_idle(client)
    document = waiting.refresh().document
    assert (document["status"], document["started_at"]) == ("cancelled", None)
    with pytest.raises(JobCancelled):
        waiting.result()


@pytest.mark.parametrize("what", ["sleep", "loop"])
def test_a_running_job_is_stopped(stack: Stack, client: Client, what):
    wait_idle(client)
    long = sleeping(LONG_S) if what == "sleep" else {
        "kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": 12}, "cache": False,
        "ansatz": {"name": "hardware_efficient", "layers": 8, "entangler": "ring"},
        "optimizer": {"name": "nelder_mead", "max_iterations": 100_000},
    }  # fmt: skip
    job = stack.submit(long, client)
    eventually(lambda: job.refresh().status == "running", "the job's start")
    job.cancel()
    wait_idle(client)
    assert job.refresh().status == "cancelled"
    stack.finish(NOOP)


def test_an_ended_job_cannot_be_cancelled(stack: Stack, client: Client):
    job = stack.submit(NOOP, client).wait(PATIENCE_S)
    with pytest.raises(Conflict):
        job.cancel()
    done = stack.run("cancel", job.id)
    assert (done.returncode, done.stdout) == (2, "")
    assert "already completed" in done.stderr


def test_a_job_past_its_time_fails_and_frees_its_worker(stack: Stack, client: Client):
    job = stack.submit(sleeping(LONG_S, timeout_s=0.5), client)
    error = job.wait(PATIENCE_S).document["error"]
    assert (error["class"], job.status) == ("timeout", "failed")
    assert "timeout_s" in error["message"]
    wait_idle(client)


@pytest.mark.parametrize(
    "error, failures, max_retries, status, calls",
    [
        ("ConnectionError", 1, 3, "completed", 2),
        ("ConnectionError", 1, 0, "failed", 1),
        ("ConnectionError", 9, 1, "failed", 2),
        ("ValueError", 1, 3, "failed", 1),
        ("OSError", 1, 3, "failed", 1),
        ("ZeroDivisionError", 1, 3, "failed", 1),
        ("RecursionError", 1, 3, "failed", 1),
    ],
)
def test_what_may_pass_is_tried_again_as_often_as_allowed(
    stack: Stack, client: Client, tmp_path, error, failures, max_retries, status, calls
):
    arguments = {"folder": str(tmp_path), "failures": failures, "error": error}
    spec = {"kind": "pure_classical", "function": "flaky", "arguments": arguments, "max_retries": max_retries}
    job = stack.submit(spec, client).wait(PATIENCE_S)
    assert (job.status, len(list(tmp_path.iterdir()))) == (status, calls)
    if status == "failed":
        told = job.document["error"]
        if error == "ConnectionError":
            assert (told["class"], told["code"]) == ("transient", "connection_lost")
            assert told["message"] == f"call {calls} fails as it should"
        else:
            assert (told["class"], told["code"]) == ("user", "function_failed")
            assert told["message"].startswith("flaky of ")
            assert told["message"].endswith(f" broke: {error}: call {calls} fails as it should")
        with pytest.raises(JobFailed, match="fails as it should"):
            job.result()


def test_small_jobs_of_one_shape_end_at_their_first_try(stack: Stack, client: Client, occupied):
    """They wait until there is room for all of them, so they share messages and end in one statement."""
    fillers = [stack.submit(sleeping(0.01, priority=1), client) for _ in range(8)]
    jobs = [stack.submit(NOOP | {"cache": False, "seed": seed}, client) for seed in range(40)]
    occupied()
    assert {job.wait(PATIENCE_S).status for job in (*fillers, *jobs)} == {"completed"}
    with stack.database() as connection:
        attempts = connection.execute(
            "SELECT DISTINCT attempt FROM tasks WHERE job_id = ANY(%s)", ([job.id for job in jobs],)
        ).fetchall()
    assert attempts == [(1,)]
