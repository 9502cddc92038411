"""The byte that tells a worker and its children to stop."""

import mmap
import os
import time

import pytest

from workers.runtime import drain


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(drain, "_cell", mmap.mmap(-1, 8))


def test_nothing_is_asked_for_at_first():
    assert not drain.requested() and not drain.overdue()


def test_a_request_is_overdue_after_its_patience(monkeypatch):
    drain.request()
    assert drain.requested() and not drain.overdue()
    later = time.monotonic() + drain.PATIENCE_S
    monkeypatch.setattr(time, "monotonic", lambda: later - 0.5)
    assert not drain.overdue()
    monkeypatch.setattr(time, "monotonic", lambda: later + 0.5)
    assert drain.overdue()


def test_a_forked_child_sees_what_its_parent_asks_for():
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.read(reading, 1)
        os._exit(0 if drain.requested() else 1)
    drain.request()
    os.write(writing, b"x")
    _, status = os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    assert os.waitstatus_to_exitcode(status) == 0
