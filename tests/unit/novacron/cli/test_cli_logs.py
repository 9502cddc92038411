"""`novacron logs` against a small scheduler: every line once, to the last, none of them an instruction."""

from __future__ import annotations

import json
from typing import Any

import pytest

from novacron import Client
from tests.unit.novacron.cli.test_cli import VQE, run
from tests.unit.novacron.conftest import Scheduler

LINE: dict[str, Any] = {
    "time": "2026-11-30T12:00:00.000+00:00", "level": "warning", "logger": "novacron.worker",
    "event": "retried", "task": 7, "attempt": 1, "queue": "cpu-sim", "worker": "host:1/7",
    "trace_id": None, "exception": None,
    "facts": {"failure": "transient", "delay_s": 0.5},
}  # fmt: skip


@pytest.fixture
def job(scheduler: Scheduler) -> str:
    """A job with three lines."""
    scheduler.log = [
        LINE | {"number": 1},
        LINE
        | {"number": 2, "event": "two\nlines \x1b[31mred\u202e", "facts": {"cause": "x y=1\nforged job=2"}},
        LINE
        | {
            "number": 3,
            "event": "failed",
            "exception": "Traceback:\n  at\nKeyError: '\x1b[31m'",
            "facts": {},
        },
    ]
    return str(scheduler.add(VQE)["job_id"])


def test_lines_are_told_oldest_first_with_their_tracebacks(job: str) -> None:
    done = run("logs", job)
    assert (done.returncode, done.stderr) == (0, "")
    whose = "task=7 attempt=1 worker=host:1/7"
    begun = "2026-11-30T12:00:00.000+00:00 WARNING novacron.worker"
    assert done.stdout.splitlines() == [
        f"{begun} retried failure=transient delay_s=0.500 {whose}",
        f'{begun} two lines <U+001B>[31mred<U+202E> cause="x y=1\\nforged job=2" {whose}',
        f"{begun} failed {whose}",
        "    Traceback:",
        "      at",
        "    KeyError: '<U+001B>[31m'",
    ]


def test_json_is_one_array_of_what_the_client_has(scheduler: Scheduler, job: str) -> None:
    done = run("logs", job, "--json")
    assert done.returncode == 0 and json.loads(done.stdout) == scheduler.log and done.stdout.isascii()
    scheduler.log = []
    scheduler.jobs[job]["status"] = "completed"
    assert run("logs", job, "--json").stdout == "[]\n"


def test_following_goes_on_until_no_line_follows(scheduler: Scheduler, job: str) -> None:
    done = run("logs", job, "--follow", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told == scheduler.log
    assert [line["number"] for line in told] == [1, 2, 3, 4] and told[-1]["event"] == "the last"


def test_statuses_are_those_of_other_commands(job: str) -> None:
    done = run("logs", "none")
    assert (done.returncode, done.stdout) == (2, "") and "there is no job none" in done.stderr
    done = run("logs", job, NOVACRON_URL="http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (3, "")


def test_the_client_tells_what_came_since(scheduler: Scheduler, job: str) -> None:
    found = Client().job(job).logs()
    assert found == scheduler.log and not found.ended
    assert (found[0].task, found[0].time.year) == (7, 2026)
    assert str(found[2].exception).startswith("Traceback:\n")
    assert [line.number for line in Client().job(job).logs(after=2)] == [3]
    scheduler.jobs[job]["status"] = "failed"
    assert Client().job(job).logs(after=2).ended
