import contextlib
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from scheduler.embedded import orphans, runtime, status
from scheduler.embedded.child import Child
from scheduler.embedded.service import Service
from scheduler.embedded.supervisor import blamed
from scheduler.embedded.watch import Watch
from testing.patience import PATIENCE_S

STANDIN = Path(__file__).with_name("standin.py")


class Stack:
    """A stack in a folder of its own, supervised by a process of its own."""

    def __init__(self, data):
        self.data = data
        self.supervisor: Any = None

    def start(self, *arguments, **added):
        command = [sys.executable, STANDIN, "--data", str(self.data), *arguments]
        own = {"NOVACRON_DATA": str(self.data), "NOVACRON_QUEUES": "cpu-sim,crypto"}
        variables = os.environ | own | added
        self.supervisor = subprocess.Popen(
            command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_ready(self):
        self.wait(lambda: (found := runtime.running(self.data)) is not None and found["state"] == "ready")

    def wait(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.supervisor.poll() is None, self.supervisor.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def state(self):
        return runtime.read(self.data)

    def restarted(self, name, old_pid):
        self.wait(lambda: self.state()["pids"].get(name, old_pid) != old_pid)
        self.wait(lambda: status.collect(self.data)["state"] == "ready")

    def ended(self):
        output, errors = self.supervisor.communicate(timeout=PATIENCE_S)
        return self.supervisor.returncode, output, errors

    def marked(self):
        return orphans.find(self.data)


@contextlib.contextmanager
def new_stack():
    with tempfile.TemporaryDirectory() as folder:
        made = Stack(Path(folder).resolve() / "data")
        try:
            yield made
        finally:
            if made.supervisor and made.supervisor.poll() is None:
                made.supervisor.kill()
                made.ended()
            if made.data.exists():
                orphans.end(made.data)


@pytest.fixture(scope="module")
def stack():
    with new_stack() as made:
        made.start()
        made.wait_ready()
        yield made
        made.supervisor.terminate()
        assert made.ended()[0] == 0


def test_what_is_published(stack):
    state = stack.state()
    names = {"supervisor", "postgres", "redis", "scheduler", "worker-cpu-sim", "worker-crypto"}
    assert set(state["pids"]) == names
    assert state["token"] == (stack.data / "token").read_text().strip()
    assert state["url"].startswith("http://127.0.0.1:")
    for name in ("runtime.json", "token"):
        assert stat.S_IMODE((stack.data / name).stat().st_mode) == 0o600


def test_every_process_names_the_data_folder_and_none_the_token(stack):
    token = stack.state()["token"]
    for pid in stack.state()["pids"].values():
        process = psutil.Process(pid)
        seen = " ".join([*process.cmdline(), *process.environ().values()])
        assert str(stack.data) in seen
        assert token not in seen


@pytest.mark.parametrize("name", ["worker-crypto", "scheduler", "redis", "postgres"])
def test_what_dies_is_started_again(stack, name):
    before = stack.state()
    os.kill(before["pids"][name], signal.SIGKILL)
    stack.restarted(name, before["pids"][name])
    after = stack.state()
    assert after["url"] == before["url"]
    assert after["restarts"][name] == before["restarts"][name] + 1
    unharmed = set(before["pids"]) - {name}
    assert {other: after["pids"][other] for other in unharmed} == {
        other: before["pids"][other] for other in unharmed
    }


def _pauses(process):
    try:
        return "signal.pause()" in " ".join(process.cmdline())
    except psutil.Error:  # it ends
        return False


def test_without_room_to_write_the_supervisor_goes_on_and_writes_later(stack):
    before = stack.state()
    pid = before["pids"]["supervisor"]
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        os.kill(before["pids"]["worker-crypto"], signal.SIGKILL)
        stack.wait(lambda: sum(map(_pauses, stack.marked())) == 4)  # started again, though nothing says so
        assert stack.state() == before
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
    stack.restarted("worker-crypto", before["pids"]["worker-crypto"])
    assert stack.state()["restarts"]["worker-crypto"] == before["restarts"]["worker-crypto"] + 1
    assert list(stack.data.glob(".runtime.json.*")) == []


def test_the_database_has_the_schema_and_comes_back_after_kill_9(stack):
    url = stack.state()["database_url"]
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (0,)


def test_a_second_supervisor_leaves_the_first_alone(stack):
    second = Stack(stack.data)
    second.start()
    code, output, _ = second.ended()
    assert (code, output) == (0, "already running\n")
    assert stack.supervisor.poll() is None


def test_two_stacks_side_by_side_and_a_clean_end(stack):
    with new_stack() as other:
        other.start()
        other.wait_ready()
        mine, theirs = stack.state(), other.state()
        for key in ("url", "token", "redis_url", "database_url"):
            assert mine[key] != theirs[key]
        family = other.marked()
        assert len(family) >= 7  # five recorded, and what the workers forked
        other.supervisor.terminate()
        code, _, errors = other.ended()
        assert (code, errors) == (0, "")
        assert runtime.read(other.data) is None
        assert other.marked() == []
        assert status.collect(other.data)["state"] == "down"
    assert stack.supervisor.poll() is None


def test_after_kill_9_of_everything_the_next_start_goes_on():
    with new_stack() as stack:
        stack.start()
        stack.wait_ready()
        before = stack.state()
        with psycopg.connect(before["database_url"]) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
        # The supervisor and the scheduler are killed; a worker, what it forked and the servers are left.
        for name in ("supervisor", "scheduler", "worker-crypto"):
            os.kill(before["pids"][name], signal.SIGKILL)
        stack.ended()
        left = [process.pid for process in stack.marked()]
        assert left and status.collect(stack.data)["state"] == "abandoned"
        stack.start()
        stack.wait_ready()
        after = stack.state()
        assert (after["url"], after["token"]) == (before["url"], before["token"])
        assert not set(left) & {process.pid for process in stack.marked()}
        with psycopg.connect(after["database_url"]) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
        for process in stack.marked():
            process.kill()
        stack.supervisor.kill()
        stack.ended()
        stack.start()
        stack.wait_ready()
        stack.supervisor.send_signal(signal.SIGINT)
        assert stack.ended()[0] == 0


def test_workers_whose_database_has_ended_are_not_waited_for():
    with new_stack() as stack:
        stack.start("--stubborn")
        stack.wait_ready()
        (stack.data / "postgres").rename(stack.data / "elsewhere")
        os.kill(stack.state()["pids"]["postgres"], signal.SIGKILL)
        stack.supervisor.terminate()
        assert stack.ended()[0] == 0
        assert stack.marked() == []


def test_a_scheduler_that_cannot_start_is_shown_and_everything_stopped():
    with new_stack() as stack:
        stack.start("--broken")
        code, _, errors = stack.ended()
        assert code == 1
        assert errors.startswith("error: scheduler ended with status 7\n")
        assert "this program is broken" in errors
        assert stack.marked() == []


def test_a_start_that_takes_long_reports_what_its_worker_does(tmp_path):
    with new_stack() as stack:
        stack.start(STANDIN_LATE=str(tmp_path / "over"))
        told = "waiting for worker-cpu-sim: compiling\n"
        assert told in iter(stack.supervisor.stdout.readline, "")
        (tmp_path / "over").touch()
        stack.wait_ready()


def test_a_start_is_given_up_in_the_name_of_what_is_late(monkeypatch):
    names = ("postgres", "scheduler", "worker-cpu-sim", "worker-crypto")
    watches = [Watch(Child(Service(name, ("true",), Path("/")), Path("/"), "stack")) for name in names]
    for watch in watches:
        monkeypatch.setattr(watch, "settled", lambda: True)
    assert blamed(watches, ["worker-cpu-sim"]).name == "worker-cpu-sim"
    assert blamed(watches, []).name == "scheduler"
    monkeypatch.setattr(watches[0], "settled", lambda: False)
    assert blamed(watches, ["worker-cpu-sim"]).name == "postgres"


def test_status_counts_processes_and_memory(stack):
    state = status.collect(stack.data)
    assert json.loads(json.dumps(state)) == state
    rows = {row["name"]: row for row in state["processes"]}
    assert rows["postgres"]["pid"] == stack.state()["pids"]["postgres"]
    assert all(row["uptime_s"] is not None and row["uptime_s"] >= 0 for row in rows.values())
    assert rows["supervisor"]["memory_bytes"] > 1_000_000
    text = status.table(state)
    assert text.splitlines()[0] == f"ready  {state['url']}"
    assert "worker-crypto" in text
