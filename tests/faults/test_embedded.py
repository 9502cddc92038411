"""The embedded stack by its command line: killed, interrupted, without room on its disk."""

import os
import signal
import sys

import pytest

from testing.faults import embedded


def kept(seen):
    assert embedded.kept(seen), seen
    assert seen["accepted"] > 0
    return seen


def test_a_killed_supervisor_leaves_nothing_that_the_next_one_does_not_end():
    kept(embedded.killed("supervisor", times=1))


def test_everything_killed_at_once():
    kept(embedded.all_killed(times=1))


def test_down_needs_neither_the_supervisor_nor_its_file():
    kept(embedded.down_after_kill(times=1))


def test_a_start_that_is_interrupted_leaves_nothing_running():
    kept(embedded.interrupted(signal.SIGTERM, times=1))


@pytest.mark.parametrize("what", [{"kill": True}, {"down": True}], ids=["and a kill", "and down"])
def test_a_full_disk_ends_no_supervisor_and_loses_no_job(what, capsys):
    if os.geteuid():
        with capsys.disabled():
            print("not root: no small disk can be mounted, files may not grow instead", file=sys.stderr)
    kept(embedded.full_disk(times=1, **what))


def test_files_that_may_not_grow_end_no_supervisor(monkeypatch):
    monkeypatch.setattr(embedded, "mounted", lambda folder: False)
    kept(embedded.full_disk(times=1))
