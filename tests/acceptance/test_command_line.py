"""What the commands say, and whether it is what then happens."""

import json
import socket
from typing import Any

import pytest

from shared.queues import QUEUES
from testing.patience import PATIENCE_S
from tests.acceptance.stack import DATA, Stack, held
from tests.acceptance.test_determinism import CHAIN, CUT, KERNEL


@pytest.fixture
def file_of(tmp_path):
    def write(spec: dict[str, Any]) -> str:
        path = tmp_path / "job.json"
        path.write_text(json.dumps(spec))
        return str(path)

    return write


CALLS = {"kind": "pure_classical", "function": "noop", "map": [{}] * 5}


@pytest.mark.parametrize("spec", [CHAIN, CHAIN | {"granularity": "fanned_out"}, CUT, KERNEL, CALLS])
def test_explain_says_what_then_happens(stack: Stack, file_of, spec):
    path = file_of(spec | {"cache": False, "seed": 41})
    before = stack.n_rows()
    plan = stack.document("explain", path)
    assert stack.n_rows() == before
    assert stack.run("explain", path).returncode == 0
    job = stack.document("submit", path, "--watch")
    assert [job[key] for key in ("kind", "granularity", "backend", "queue")] == [
        plan[key] for key in ("kind", "granularity", "backend", "queue")
    ]
    assert sum(task["count"] for task in plan["tasks"]) == plan["n_tasks"]
    with stack.database() as connection:
        rows = connection.execute(
            "SELECT operation, count(*), min(queue) FROM tasks WHERE job_id = %s GROUP BY 1", (job["job_id"],)
        ).fetchall()
    done = {operation: (n, queue) for operation, n, queue in rows}
    for task in plan["tasks"]:
        assert done[task["operation"]][1] == task["queue"]
        assert done[task["operation"]][0] >= task["count"]
    if plan["granularity"] != "fanned_out" or plan["loop"] is None:
        assert sum(n for n, _ in done.values()) == plan["n_tasks"]
    placement = next(
        event["data"] for event in stack.document("events", job["job_id"]) if event["kind"] == "placement"
    )
    assert plan["why"] in placement["why"] and plan["placement_why"] in placement["why"]


@pytest.mark.parametrize("name", ["chain", "cut"])
def test_plot_makes_a_picture(stack: Stack, tmp_path, name):
    job = stack.submit({"chain": CHAIN, "cut": CUT}[name] | {"seed": 43}).wait(PATIENCE_S)
    picture = tmp_path / "result.png"
    assert stack.run("plot", job.id, "-o", str(picture)).returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_job_result_and_listing_agree(stack: Stack, file_of):
    job = stack.document("submit", file_of(CUT | {"seed": 44, "name": "listed"}), "--watch")
    assert stack.document("job", job["job_id"]) == job
    assert stack.document("result", job["job_id"]) == job["result"]
    listed = stack.document("jobs", "--limit", "5", "--kind", "hybrid_qaoa", "--status", "completed")["jobs"]
    assert (listed[0]["job_id"], listed[0]["name"]) == (job["job_id"], "listed")
    assert stack.run("job", job["job_id"]).returncode == 0
    assert "listed" in stack.run("jobs").stdout


def test_fields_are_set_from_the_command_line(stack: Stack, file_of):
    path = file_of(CHAIN)
    job = stack.document(
        "submit", path, "--watch", "--set", "optimizer.max_iterations=2", "--set", "name=short"
    )
    assert (job["name"], job["spec"]["optimizer"]["max_iterations"]) == ("short", 2)


def test_without_watching_the_job_is_queued(stack: Stack, file_of, tmp_path):
    job = stack.document("submit", file_of(held(tmp_path / "end")))
    assert job["status"] in ("queued", "running") and job["result"] is None
    (tmp_path / "end").touch()
    assert stack.document("result", job["job_id"])["receipt"]["job_id"] == job["job_id"]


def test_a_failed_job_is_exit_status_one(stack: Stack, file_of, tmp_path):
    arguments = {"folder": str(tmp_path), "failures": 9, "error": "ZeroDivisionError"}
    spec = {"kind": "pure_classical", "function": "flaky", "arguments": arguments}
    job = stack.document("submit", file_of(spec), "--watch", status=1)
    assert job["status"] == "failed"
    assert "fails as it should" in job["error_message"]
    shown = stack.run("result", job["job_id"])
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "fails as it should" in shown.stderr and "Traceback" not in shown.stderr


def test_doctor_status_workers_and_backends_see_a_healthy_stack(stack: Stack):
    done = stack.run("doctor")
    assert done.returncode == 0 and "FAILS" not in done.stdout
    assert stack.run("status").stdout.startswith(f"ready  {stack.url}")
    known = stack.document("workers")
    assert {worker["queue"] for worker in known["workers"] if worker["healthy"]} >= {"cpu-sim", "crypto"}
    assert {queue["queue"] for queue in known["queues"]} == {*QUEUES}
    backends = {one["name"]: one for one in stack.document("backends")["backends"]}
    assert backends["statevector"]["available"] is True
    assert all(one["available"] or one["why"] for one in backends.values())


def test_a_token_made_by_the_command_line_works(stack: Stack, file_of):
    made = stack.run("token", "create", "--name", "reader", "--role", "read")
    token = made.stdout.strip()
    stack.said[-2:] = []  # the token is shown once, to whom it is made for
    assert stack.run("jobs", token=token).returncode == 0
    refused = stack.run("submit", file_of(CHAIN), token=token)
    assert refused.returncode == 2 and "role" in refused.stderr


def test_nobody_there_is_exit_status_three(stack: Stack):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        done = stack.run("jobs", url=url, token="none")
    assert (done.returncode, done.stdout) == (3, "")
    assert url in done.stderr and "Traceback" not in done.stderr


def test_the_library_reads_the_same_files(stack: Stack):
    from novacron import VQE

    path = DATA / "hamiltonians" / "h2_sto3g_0.7414.json"
    with stack.client() as client:
        job = client.submit(VQE(hamiltonian=str(path), ansatz="uccsd", seed=45))
        assert (
            job.result().energy
            == client.submit(VQE(hamiltonian=path, ansatz="uccsd", seed=45)).result().energy
        )
