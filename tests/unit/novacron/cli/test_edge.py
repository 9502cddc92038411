"""The outer edge of the command line: signals at any time, outputs closed or full, faults of our own."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from testing.patience import PATIENCE_S
from tests.foreground import foreground
from tests.unit.novacron.conftest import Scheduler

COMMAND = [sys.executable, "-m", "novacron.cli"]
RUN = "import signal, sys, time; from novacron.cli import edge\n"


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which $N is the command."""
    variables = {**os.environ, "N": " ".join(COMMAND), **environment}
    return subprocess.run(
        ["bash", "-c", line], env=variables, capture_output=True, text=True, timeout=PATIENCE_S
    )


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a few lines at the edge."""
    return subprocess.run(
        [sys.executable, "-c", RUN + code],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip


def begun(code: str, ignored: signal.Signals | None = None) -> subprocess.Popen[str]:
    """A command that has said that it began; signals are as for one in the foreground, but for one."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN + code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, preexec_fn=lambda: foreground(ignored),
    )  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    return process


@pytest.mark.parametrize("command", ["backends", "backends --json", "--help", "jobs --help", "jobs"])
def test_a_full_output_is_told_and_has_its_own_status(scheduler: Scheduler, command: str) -> None:
    done = shell(f"$N {command} > /dev/full")
    assert done.returncode == 4
    assert done.stderr == "novacron: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize("command", ["backends", "backends --json", "--help", "jobs"])
def test_a_closed_output_is_like_the_null_device(scheduler: Scheduler, command: str) -> None:
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        done = shell(f"$N {command} {closed}")
        assert (done.returncode, done.stderr) == (0, ""), closed


def test_a_reader_that_leaves_ends_it_quietly(scheduler: Scheduler) -> None:
    for command in ("backends", "backends --json", "--help"):
        done = shell(f"$N {command} | true; echo ${{PIPESTATUS[0]}}")
        assert done.stderr == ""
        assert done.stdout.strip() in ("0", "141")  # 0: it was all written before
    code = RUN + "def f():\n while True: print('x' * 9999)\nedge.run(f)"
    done = shell('$P -c "$CODE" | head -c 9; echo ${PIPESTATUS[0]}', P=sys.executable, CODE=code)
    assert (done.stdout, done.stderr) == ("xxxxxxxxx141\n", "")


def test_errors_and_full_outputs_together(scheduler: Scheduler) -> None:
    done = shell("$N job nope > /dev/full 2> /dev/full")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize("language", ["C", "POSIX", "en_US.ISO-8859-1", "nonsense"])
def test_in_any_locale(scheduler: Scheduler, language: str) -> None:
    for more in ({}, {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}):
        done = shell("$N backends; $N job n\u00f6pe", LC_ALL=language, **more)
        assert "Traceback" not in done.stderr and done.returncode == 2, (language, more, done.stderr)


def test_a_fault_of_our_own_is_not_blamed_on_the_user() -> None:
    done = python("edge.run(lambda: 1 / 0)")
    assert done.returncode == 70
    assert "internal error: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    done = python("edge.run(lambda: 1 / 0)", NOVACRON_TRACEBACK="1")
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signals_run_what_cleans_up(sent: signal.Signals, status: int) -> None:
    code = "def f():\n try:\n  print('begun', flush=True); time.sleep(99)\n"
    code += " finally:\n  print('cleaned up')\nedge.run(f)"
    process = begun(code)
    process.send_signal(sent)
    assert process.communicate(timeout=PATIENCE_S) == ("cleaned up\n", "")
    assert process.returncode == status


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_that_follow_do_not_end_what_cleans_up(first: signal.Signals) -> None:
    code = "def f():\n try:\n  print('begun', flush=True); time.sleep(99)\n"
    code += " finally:\n  print('cleaning', flush=True); sys.stdin.read(1); print('cleaned up')\nedge.run(f)"
    process = begun(code)
    process.send_signal(first)
    assert process.stdout is not None and process.stdout.readline() == "cleaning\n"
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, first):
        process.send_signal(number)
    assert process.communicate("x", timeout=PATIENCE_S) == ("cleaned up\n", "")
    assert process.returncode == 128 + first


@pytest.mark.parametrize("ignored", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_was_ignored_stays_so(ignored: signal.Signals) -> None:
    code = "def f(): print('begun', flush=True); sys.stdin.read(1); print('went on')\nedge.run(f)"
    process = begun(code, ignored)
    process.send_signal(ignored)
    assert process.communicate("x", timeout=PATIENCE_S) == ("went on\n", "")
    assert process.returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.8])
def test_a_watcher_that_is_stopped_leaves_the_terminal_as_it_was(
    scheduler: Scheduler, sent: signal.Signals, after_s: float, tmp_path: Path
) -> None:
    scheduler.outcome = "running"  # the stream ends, the job does not
    (tmp_path / "job.json").write_text('{"kind": "pure_classical", "function": "noop"}')
    leader, follower = pty.openpty()
    before = termios.tcgetattr(follower)
    process = subprocess.Popen(
        [*COMMAND, "submit", str(tmp_path / "job.json"), "--watch"],
        stdin=follower, stdout=follower, stderr=follower, env={**os.environ, "TERM": "xterm"},
        start_new_session=True, preexec_fn=foreground,
    )  # fmt: skip
    shown = _until(leader, b"\x1b[?25l" if after_s else b"", PATIENCE_S)
    time.sleep(after_s)
    process.send_signal(sent)
    assert process.wait(PATIENCE_S) in (128 + sent, -sent)
    shown += _until(leader, None, 0.5)
    assert termios.tcgetattr(follower) == before
    os.close(follower)
    assert b"Traceback" not in shown
    assert shown.rfind(b"\x1b[?25h") >= shown.rfind(b"\x1b[?25l"), shown


def _until(leader: int, mark: bytes | None, patience_s: float) -> bytes:
    """What a terminal shows until a mark is seen."""
    shown = b""
    deadline = time.monotonic() + patience_s
    os.set_blocking(leader, False)
    while time.monotonic() < deadline and (mark is None or mark not in shown):
        try:
            shown += os.read(leader, 65536)
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            break
    return shown


def test_no_message_of_the_edge_holds_a_control_character() -> None:
    done = python("from novacron.errors import BadInput\ndef f(): raise BadInput('a\\x1b[31mb')\nedge.run(f)")
    assert done.returncode == 2 and not re.search(r"[\x00-\x09\x0b-\x1f]", done.stderr)
