from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import rich

from novacron import __version__
from novacron.cli import tables
from testing import command_line
from testing.patience import PATIENCE_S
from tests.unit.novacron.conftest import Scheduler, event

BELL = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;'
VQE = {
    "kind": "hybrid_vqe",
    "hamiltonian": {"model": "tfim", "n_qubits": 2, "J": 1, "h": 1},
    "ansatz": {"name": "hardware_efficient", "layers": 1},
}
WITHOUT_SERVER = (
    "import sys; sys.modules['scheduler'] = None; sys.argv = ['novacron', '{}'];"
    "import novacron.cli as c; c.main()"
)
COMMAND = [sys.executable, "-m", "novacron.cli"]


@pytest.fixture
def job_file(tmp_path: Path) -> str:
    path = tmp_path / "tfim.json"
    path.write_text(json.dumps(VQE))
    return str(path)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return command_line.run(*arguments, environment={**os.environ, **environment})


def test_submit_prints_one_json_document(scheduler: Scheduler, job_file: str, tmp_path: Path) -> None:
    done = run("submit", job_file, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["status"] == "queued"
    (tmp_path / "bell.qasm").write_text(BELL)
    done = run("submit", str(tmp_path / "bell.qasm"), "--watch", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["result"] == {"energy": -1.0}
    assert scheduler.jobs["job-2"]["spec"]["shots"] is None


def test_set_changes_the_job(scheduler: Scheduler, job_file: str) -> None:
    assert run("submit", job_file, "--set", "seed=11", "--set", "optimizer.name=adam").returncode == 0
    spec = scheduler.jobs["job-1"]["spec"]
    assert (spec["seed"], spec["optimizer"]["name"]) == (11, "adam")
    done = run("submit", job_file, "--set", "seed")
    assert done.returncode == 2 and "KEY=VALUE" in done.stderr


def test_a_failed_job_is_still_one_json_document(scheduler: Scheduler, job_file: str) -> None:
    scheduler.outcome = "failed"
    done = run("submit", job_file, "--watch", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error_message"] == "matrix is singular"
    assert "matrix is singular" in done.stderr
    done = run("result", "job-1", "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["status"] == "failed"


@pytest.mark.parametrize(
    ("content", "said"),
    [("{", "x.json:1:2"), ('{"kind": "hybrid_vqe", "hamiltonain": {}}', "hamiltonian"), (None, "x.json")],
)
def test_bad_input_exits_2_and_says_where(
    scheduler: Scheduler, tmp_path: Path, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "x.json").write_text(content)
    done = run("submit", str(tmp_path / "x.json"), "--watch", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr
    assert scheduler.seen == []


def test_unknown_jobs_options_and_tokens_exit_2(scheduler: Scheduler) -> None:
    for arguments in (("job", "nope"), ("job",), ("jobs", "--limit", "0"), ("cancel", "nope"), ("dance",)):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert "Traceback" not in done.stderr
    done = run("jobs", "--json", NOVACRON_TOKEN="wrong")
    assert (done.returncode, done.stdout) == (2, "") and "not known" in done.stderr


def test_no_scheduler_exits_3(scheduler: Scheduler, job_file: str) -> None:
    done = run("submit", job_file, "--json", NOVACRON_URL="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (3, "")
    assert "http://127.0.0.1:9" in done.stderr and "Traceback" not in done.stderr
    done = run("jobs", NOVACRON_URL="")
    assert done.returncode == 3 and "novacron up" in done.stderr


def test_every_listing_is_one_json_document(scheduler: Scheduler, job_file: str) -> None:
    run("submit", job_file, "--watch", "--json")
    for arguments, key in (
        (["jobs"], "jobs"),
        (["job", "job-1"], "job_id"),
        (["result", "job-1"], "energy"),
        (["backends"], "backends"),
        (["workers"], "workers"),
        (["explain", job_file], "granularity"),
        (["token", "create", "--name", "n", "--role", "read"], "token"),
    ):
        done = run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert key in json.loads(done.stdout)
        plain = run(*arguments)
        assert plain.returncode == 0 and "\x1b" not in plain.stdout, plain.stderr


def test_events_are_lines_or_one_array(scheduler: Scheduler, job_file: str) -> None:
    run("submit", job_file)
    assert len(run("events", "job-1").stdout.splitlines()) == 1
    assert json.loads(run("events", "job-1", "--follow", "--json").stdout)[1]["data"]["status"] == "completed"
    assert [one["ordinal"] for one in json.loads(run("events", "job-1", "--from", "2", "--json").stdout)] == [
        2
    ]
    assert json.loads(run("events", "job-1", "--from", "3", "--json").stdout) == []


def test_cancel_stops_a_job_once(scheduler: Scheduler, job_file: str) -> None:
    run("submit", job_file)
    assert run("cancel", "job-1").stdout == "job job-1 cancelled\n"
    run("submit", job_file, "--watch", "--json")
    done = run("cancel", "job-2")
    assert done.returncode == 2 and "completed already" in done.stderr


@pytest.mark.parametrize(("energy", "status", "word"), [(-0.1, 0, "same"), (-0.1 + 2e-17, 1, "different")])
def test_replay_compares_bits(
    scheduler: Scheduler, job_file: str, energy: float, status: int, word: str
) -> None:
    first = {"energy": -0.1, "wall_time_s": 1.0, "receipt": {"seed": 1, "finished_at": "a", "worker": "w"}}
    again = {"energy": energy, "wall_time_s": 2.0, "receipt": {"seed": 1, "finished_at": "b", "worker": "v"}}
    scheduler.results = [first, again]
    run("submit", job_file, "--watch", "--json")
    done = run("replay", "job-1")
    assert (done.returncode, done.stdout.split(":")[0]) == (status, word)
    scheduler.results = [again]
    answer = json.loads(run("replay", "job-1", "--json").stdout)
    assert answer["same"] == (status == 0)
    assert [one["field"] for one in answer["differences"]] == ["energy"] * status


def test_the_server_part_is_asked_for_where_it_is_missing(tmp_path: Path) -> None:
    code = WITHOUT_SERVER.format("up")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 2 and "server part" in done.stderr


def test_doctor_says_what_works_and_what_does_not(scheduler: Scheduler) -> None:
    code = WITHOUT_SERVER.format("doctor")

    def doctor(**environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **environment}
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, env=env
        )

    done = doctor()
    assert done.returncode == 0 and "ms" in done.stdout
    lines = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert lines == [
        *(f"ok     {name}" for name in ("scheduler", "token", "ready", "workers")),
        "absent servers",
    ]
    assert "absent servers: not examined; name them with NOVACRON_DATABASE_URL" in done.stdout
    done = doctor(NOVACRON_TOKEN="wrong")
    assert done.returncode == 1 and "FAILS  token" in done.stdout


def test_doctor_says_once_that_there_is_no_stack(tmp_path: Path) -> None:
    done = run(
        "doctor",
        NOVACRON_DATA=str(tmp_path),
        NOVACRON_URL="",
        NOVACRON_DATABASE_URL="",
        NOVACRON_REDIS_URL="",
    )
    assert done.returncode == 1
    assert done.stdout.count("no scheduler is known") == done.stdout.count("start the stack with") == 1


def test_json_on_the_hot_path_imports_no_display_and_no_httpx(scheduler: Scheduler, job_file: str) -> None:
    code = (
        "import sys, atexit; sys.argv = ['novacron', *sys.argv[1:]]; import novacron.cli as c;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); c.main()"
    )
    for arguments in (
        ["submit", job_file, "--watch", "--json"],
        ["jobs", "--json"],
        ["job", "job-1", "--json"],
        ["result", "job-1", "--json"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert done.returncode == 0
        loaded = set(done.stderr.split())
        assert not loaded & {"rich", "httpx", "asyncio", "numpy", "celery", "sqlalchemy", "scheduler"}
        if arguments[0] != "submit":
            assert not loaded & {"yaml", "novacron.specs", "novacron.results"}


def test_ctrl_c_leaves_the_job_running(scheduler: Scheduler, job_file: str) -> None:
    scheduler.outcome = "never"
    watching = subprocess.Popen(
        [*COMMAND, "submit", job_file, "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests run in the background of a shell are born deaf to it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + PATIENCE_S
    while not scheduler.requests("GET") and time.monotonic() < deadline:
        time.sleep(0.05)
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=PATIENCE_S)
    assert watching.returncode == 130
    assert json.loads(out)["job_id"] == "job-1"
    assert "novacron job job-1" in err
    assert scheduler.requests("DELETE") == []


def _rich_job(scheduler: Scheduler) -> None:
    scheduler.results = [
        {"energy": -1.99, "n_evaluations": 5, "wall_time_s": 0.1, "queue_time_s": 0.01, "from_cache": False}
    ]
    values = [-1.0, -1.5, -1.9, -1.98, -1.99]
    told = [{"evaluation": i, "value": v, "std_error": None} for i, v in enumerate(values, 1)]

    def add(spec: dict[str, Any], **fields: Any) -> dict[str, Any]:
        job = Scheduler.add(scheduler, spec, **fields)
        scheduler.events[job["job_id"]] += [
            event(
                "placement", queue="cpu-sim", backend="statevector", why="2 qubits fit", granularity="fused"
            ),
            event("reference", e_hf=-1.0, e_exact=-2.0),
            event("task", **{"tasks": [1], "operation": "optimize", "from": "queued", "to": "running"}),
            event("evaluations", loop=0, evaluations=told),
        ]
        return job

    scheduler.add = add  # type: ignore[method-assign]


def test_watch_without_a_terminal_is_plain(scheduler: Scheduler, job_file: str) -> None:
    _rich_job(scheduler)
    done = run("submit", job_file, "--watch")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    for said in ("+1.000e-02", "cpu-sim", "miss", "Hartree-Fock"):
        assert said in done.stdout


def test_remarks_come_when_they_are_known_each_once(scheduler: Scheduler, job_file: str) -> None:
    _rich_job(scheduler)
    add = scheduler.add

    def with_remarks(spec: dict[str, Any], **fields: Any) -> dict[str, Any]:
        job = add(spec, **fields)
        scheduler.events[job["job_id"]] += [
            event("notice", message="machine code is compiled now"),
            event("warning", message="T2 is clipped"),
            event("notice", message="machine code is compiled now"),
        ]
        return job

    scheduler.add = with_remarks  # type: ignore[method-assign]
    scheduler.results[0]["warnings"] = ["T2 is clipped", "not converged"]
    lines = run("submit", job_file, "--watch").stdout.splitlines()
    notice, ended = lines.index("notice: machine code is compiled now"), lines.index("job job-1 completed")
    assert lines.index("job job-1 queued") < notice < lines.index("warning: T2 is clipped") < ended
    assert sum("compiled now" in line for line in lines) == sum("clipped" in line for line in lines) == 1
    assert lines[-1].split() == ["warning", "not", "converged"]


def test_no_line_of_a_pipe_ends_with_blanks(scheduler: Scheduler, job_file: str) -> None:
    _rich_job(scheduler)
    for command in (["submit", job_file, "--watch"], ["jobs"], ["backends"], ["job", "job-1"], ["--help"]):
        done = run(*command)
        assert done.returncode == 0 and done.stdout, done.stderr
        assert [line for line in done.stdout.split("\n") if line != line.rstrip()] == []


@pytest.mark.parametrize("cuts", [[], [1], [2, 1, 3]])
def test_watch_without_a_terminal_says_each_state_once(
    scheduler: Scheduler, job_file: str, cuts: list[int]
) -> None:
    _rich_job(scheduler)
    scheduler.cut_stream_after = cuts
    lines = run("submit", job_file, "--watch").stdout.splitlines()
    assert [line for line in lines if line.startswith("job ")] == ["job job-1 queued", "job job-1 completed"]
    again = run("job", "job-1", "--watch").stdout.splitlines()
    assert [line for line in again if line.startswith("job ")] == ["job job-1 queued", "job job-1 completed"]


def test_watching_a_cached_job_says_completed_once(scheduler: Scheduler) -> None:
    job = scheduler.add(VQE, status="completed", result={"energy": -1.0}, from_cache=True)
    scheduler.events[job["job_id"]] = [event("job", status="completed", cause="served from the result cache")]
    lines = run("job", job["job_id"], "--watch").stdout.splitlines()
    assert [line for line in lines if line.startswith("job ")] == ["job job-1 completed"]


def test_watch_on_a_terminal_draws_the_curve_in_80_columns(scheduler: Scheduler, job_file: str) -> None:
    _rich_job(scheduler)
    parent, child = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"}
    watching = subprocess.Popen(
        [*COMMAND, "submit", job_file, "--watch"], stdout=child, stderr=child, env=env
    )
    os.close(child)
    shown = b""
    while chunk := _read(parent):
        shown += chunk
    os.close(parent)
    assert watching.wait(PATIENCE_S) == 0
    text = shown.decode()
    assert "\x1b[" in text and "2 qubits fit" in text and "┤" in text and "HF" in text
    assert any(0x2800 < ord(character) < 0x2900 for character in text)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_watching_a_failed_job_tells_the_cause(scheduler: Scheduler, job_file: str) -> None:
    scheduler.outcome = "failed"
    done = run("submit", job_file, "--watch")
    assert done.returncode == 1 and "job-1 failed: matrix is singular" in done.stderr


def test_the_version_is_told() -> None:
    assert run("--version").stdout == f"novacron {__version__}\n"


def test_a_picture_is_not_written_under_the_name_of_another_format(tmp_path: Path) -> None:
    done = run("plot", "0123456789abcdef", "-o", str(tmp_path / "a.pdf"))
    assert done.returncode == 2 and f"name it {tmp_path / 'a.png'}" in done.stderr


def test_the_options_of_compile_are_those_of_the_job(scheduler: Scheduler, tmp_path: Path) -> None:
    (tmp_path / "bell.qasm").write_text("OPENQASM 2.0; qreg q[2]; CX q[0], q[1];")
    run("compile", str(tmp_path / "bell.qasm"), "--backend", "fake:manila", "--level", "3", "--free-order")
    spec = scheduler.jobs["job-1"]["spec"]
    assert (spec["kind"], spec["optimization_level"], spec["free_order"]) == ("compile", 3, True)


def test_a_drawing_in_text_is_not_mixed_with_json(tmp_path: Path) -> None:
    (tmp_path / "bell.qasm").write_text("OPENQASM 3.0;")
    done = run("compile", str(tmp_path / "bell.qasm"), "--backend", "fake:manila", "--draw", "--json")
    assert done.returncode == 2 and "name a PNG file: --draw FILE.png" in done.stderr


def test_an_explained_loop_tells_its_evaluations_once(capsys: pytest.CaptureFixture[str]) -> None:
    loop = {"n_loops": 1, "units_per_evaluation": 1, "expected_evaluations": 60}
    found = {"kind": "hybrid_vqe", "loop": loop, "estimate": {"evaluations": 60}}
    for part in tables.plan(found):
        rich.print(part)
    assert capsys.readouterr().out.count("about 60") == 1


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_job_file_is_said_to_be_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "job.yaml").write_text(text)
    done = run("submit", str(tmp_path / "job.yaml"), NOVACRON_URL="http://127.0.0.1:1", NOVACRON_TOKEN="x")
    assert done.returncode == 2 and "is empty: a job must be a mapping of keys to values" in done.stderr
