import signal
import sys

import psutil
import pytest

from scheduler.embedded.child import Child
from scheduler.embedded.errors import StartError
from scheduler.embedded.service import Service
from testing.patience import PATIENCE_S, eventually

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
)


def child(folder, code, **fields):
    return Child(Service("x", (sys.executable, "-c", code), folder, **fields), folder, "name")


def test_it_runs_with_the_stack_in_its_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("NOVACRON_KEK", "for another process")
    names = ("NOVACRON_DATA", "NOVACRON_STACK", "PYTHONDONTWRITEBYTECODE", "NOVACRON_KEK", "A")
    running = child(
        tmp_path, f"import os; print([os.environ.get(n) for n in {names}])", environment={"A": "b"}
    )
    running.start()
    assert running.wait(PATIENCE_S)
    assert running.log.read_text() == f"['{tmp_path}', 'name', None, None, 'b']\n"
    assert running.ended() == 0 and running.pid is None


def test_a_process_that_ends_instead_of_getting_ready(tmp_path):
    failing = child(tmp_path, "raise SystemExit(3)", ready=lambda _pid: False)
    failing.start()
    with pytest.raises(StartError, match="x ended with status 3"):
        failing.wait_ready(PATIENCE_S)


def test_a_process_that_is_not_ready_in_time(tmp_path):
    slow = child(tmp_path, SLEEP, ready=lambda _pid: False)
    slow.start()
    with pytest.raises(StartError, match=r"not ready within 0\.05 s"):
        slow.wait_ready(0.05)
    slow.kill()


def test_a_finite_service_is_ready_when_it_is_done(tmp_path):
    job = child(tmp_path, "pass", finite=True)
    assert not job.ready()
    job.start()
    assert job.wait(PATIENCE_S) and job.ready()
    failed = child(tmp_path, "raise SystemExit(1)", finite=True)
    failed.start()
    assert failed.wait(PATIENCE_S) and not failed.ready()


def test_stop_ends_what_ignores_the_signal(tmp_path):
    stubborn = child(tmp_path, STUBBORN, stop_signals=((signal.SIGTERM, 0.1),))
    stubborn.start()
    eventually(lambda: "up" in stubborn.log.read_text())
    stubborn.stop()
    assert stubborn.ended() == -signal.SIGKILL


def test_what_a_killed_process_leaves_in_its_session_goes_with_it(tmp_path):
    forking = child(tmp_path, f"import os; pid = os.fork(); pid and print(pid, flush=True); {SLEEP}")
    forking.start()
    eventually(lambda: forking.log.read_text().endswith("\n"))
    left = int(forking.log.read_text())
    forking.signal(signal.SIGKILL)
    eventually(lambda: forking.ended() is not None)
    eventually(lambda: not psutil.pid_exists(left) or psutil.Process(left).status() == psutil.STATUS_ZOMBIE)
