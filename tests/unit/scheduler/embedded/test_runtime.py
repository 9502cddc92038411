import os
import stat
import subprocess
import sys

import pytest

from scheduler.embedded import runtime
from scheduler.embedded.errors import StackError


def test_one_holder_at_a_time_known_by_its_process_id(tmp_path):
    first, second = runtime.Lock(tmp_path), runtime.Lock(tmp_path)
    assert second.holder() is None
    assert first.acquire()
    assert not second.acquire()
    assert second.holder() == os.getpid()
    assert not second.wait_free(0.05)


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    code = (
        "import os, pathlib, sys; from scheduler.embedded import runtime;"
        "print(runtime.Lock(pathlib.Path(sys.argv[1])).acquire(), flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("True\n", -9)
    assert runtime.Lock(tmp_path).holder() is None
    assert runtime.Lock(tmp_path).acquire()


def test_state_is_published_privately_and_taken_away(tmp_path):
    assert runtime.read(tmp_path) is None
    runtime.write(tmp_path, {"url": "http://127.0.0.1:1"})
    assert runtime.read(tmp_path) == {"url": "http://127.0.0.1:1"}
    assert stat.S_IMODE((tmp_path / "runtime.json").stat().st_mode) == 0o600
    runtime.remove(tmp_path)
    assert runtime.read(tmp_path) is None


def test_a_new_data_folder_is_private(tmp_path):
    data = tmp_path / "a" / "b"
    runtime.prepare(data)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "logs").stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"choose another with --data"):
        runtime.prepare(tmp_path / "file" / "data")


def test_the_default_folder_is_in_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert runtime.data_folder(None) == tmp_path / ".novacron"
    monkeypatch.chdir(tmp_path)
    assert runtime.data_folder("x") == tmp_path / "x"
