"""The whole stack, by its command line."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from scheduler.embedded import ports
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]


class Commands:
    def __init__(self, data):
        self.data = data

    def run(self, *arguments):
        command = [sys.executable, "-m", "scheduler.embedded", *arguments, "--data", str(self.data)]
        variables = os.environ | {"NOVACRON_QUEUES": "cpu-sim,crypto"}
        return subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=PATIENCE_S
        )

    def published(self):
        return json.loads((self.data / "runtime.json").read_text())

    def get(self, path):
        state = self.published()
        request = urllib.request.Request(state["url"] + path)
        request.add_header("Authorization", f"Bearer {state['token']}")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def stack():
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(Path(folder).resolve() / "data")
        started = commands.run("up", "--detach", "--flower")
        try:
            assert started.returncode == 0, started.stderr
            assert "stop it with: novacron down --data" in started.stdout
            yield commands
        finally:
            stopped = commands.run("down")
        assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
        assert not (commands.data / "runtime.json").exists()


def test_the_api_answers_and_every_queue_has_a_worker(stack):
    assert stack.get("/readyz")[0] == 200
    status, answer = stack.get("/api/workers")
    assert status == 200
    assert {worker["queue"] for worker in answer["workers"] if worker["healthy"]} == {"cpu-sim", "crypto"}


def test_flower_listens_on_loopback(stack):
    assert ports.accepts(int(stack.published()["flower_url"].rsplit(":", 1)[1]))


def test_up_again_says_that_it_runs(stack):
    again = stack.run("up", "--detach")
    assert again.returncode == 0
    assert again.stdout.startswith(f"already running: {stack.published()['url']}")


def test_status_as_text_and_as_json(stack):
    assert stack.run("status").stdout.startswith(f"ready  {stack.published()['url']}")
    rows = json.loads(stack.run("status", "--json").stdout)["processes"]
    assert {row["name"]: row["pid"] for row in rows} == stack.published()["pids"]


def test_a_killed_worker_and_its_pool_are_replaced(stack):
    old = psutil.Process(stack.published()["pids"]["worker-crypto"])
    family = [old, *old.children(recursive=True)]
    old.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while stack.published()["pids"].get("worker-crypto", old.pid) == old.pid:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert alive == []
