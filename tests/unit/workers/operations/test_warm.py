"""Modules imported ahead of the first task, and never while one runs."""

import sys
import threading

import pytest

from workers import operations


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Name of a module that one operation of the queue `cpu-sim` needs."""
    (tmp_path / "needed_ahead.py").write_text("def run(context): ...\n\n\ndef code(): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(operations, "OPERATIONS", {"ahead": "needed_ahead:run"})
    monkeypatch.setattr(operations, "WARM", {"cpu-sim": ("ahead",)})
    monkeypatch.setattr(operations, "MACHINE_CODE", {})
    operations.load.cache_clear()
    yield "needed_ahead"
    operations.load.cache_clear()
    sys.modules.pop("needed_ahead", None)


def test_nothing_is_imported_ahead_while_a_task_runs(module):
    thread = threading.Thread(target=operations.warm, args=("cpu-sim",))
    with operations.TURN:
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        assert module not in sys.modules
        assert operations.load("ahead").__name__ == "run", "the task itself imports what it needs"
    thread.join(10)
    assert not thread.is_alive()


def test_machine_code_is_not_loaded_while_a_task_runs(module, monkeypatch):
    monkeypatch.setattr(operations, "MACHINE_CODE", {"cpu-sim": "needed_ahead:code"})
    thread = threading.Thread(target=operations.warm, args=("cpu-sim",))
    with operations.TURN:
        thread.start()
        thread.join(0.2)
        assert module not in sys.modules
    thread.join(10)
    assert module in sys.modules
