"""A worker has its machine code before its first task."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from testing.patience import PATIENCE_S, eventually
from workers.quantum import machine_code, warm
from workers.quantum.simulation.cpu import code_cache

ROOT = Path(__file__).parents[4]
ENSURING = (
    "from workers.quantum import machine_code; machine_code.ensure(lambda said: print(said, flush=True))"
)


@pytest.fixture
def unmarked(monkeypatch, tmp_path):
    """What Numba has made already, in a folder where nothing says that all is there."""
    warm.ahead()
    made = code_cache.cache_folder()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    shutil.copytree(made, code_cache.cache_folder())
    (code_cache.cache_folder() / "double").unlink()


@pytest.mark.usefixtures("unmarked")
def test_it_is_compiled_once_and_said_so():
    said: list[str] = []
    for _ in range(2):
        machine_code.ensure(said.append)
    assert said == [machine_code.COMPILING]
    assert code_cache.is_compiled("double")


def test_a_worker_goes_on_where_it_cannot_be_compiled(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    said: list[str] = []
    machine_code.ensure(said.append)
    assert said[0] == machine_code.COMPILING
    assert said[1].startswith(machine_code.NOT_COMPILED.format("NotADirectoryError"))


def test_a_worker_told_to_end_meanwhile_ends_with_what_it_started(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    with code_cache.compiling():
        command = [sys.executable, "-c", ENSURING]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, process_group=0) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline().decode().strip() == machine_code.COMPILING
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(PATIENCE_S) == 0
            # Until init has reaped what the worker left, its group is there.
            eventually(lambda: _is_gone(worker.pid), "the worker left processes behind")


def _is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False
