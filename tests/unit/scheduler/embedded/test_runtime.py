import json
import os
import stat
import subprocess
import sys

import pytest

from scheduler.embedded import runtime, status
from scheduler.embedded.errors import StackError

STATE: runtime.Published = {
    "state": "ready", "url": "http://127.0.0.1:1", "token": "nc_1", "pids": {"supervisor": 7},
}  # fmt: skip


def test_one_holder_at_a_time_known_by_its_process_id(tmp_path):
    first, second = runtime.Lock(tmp_path), runtime.Lock(tmp_path)
    assert second.holder() is None
    assert first.acquire()
    assert not second.acquire()
    assert second.holder() == os.getpid()
    assert not second.wait_free(0.05)


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    code = (
        "import os, pathlib, sys; from scheduler.embedded import runtime, status;"
        "print(runtime.Lock(pathlib.Path(sys.argv[1])).acquire(), flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("True\n", -9)
    assert runtime.Lock(tmp_path).holder() is None
    assert runtime.Lock(tmp_path).acquire()


def test_state_is_published_privately_and_taken_away(tmp_path):
    assert runtime.read(tmp_path) is None
    runtime.write(tmp_path, STATE)
    assert runtime.read(tmp_path) == STATE
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


@pytest.mark.parametrize(
    "damaged",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"pids": []}', b"\0" * 300,
        json.dumps(STATE | {"pids": {}}).encode(),
        json.dumps(STATE | {"pids": {"supervisor": "7"}}).encode(),
        json.dumps(STATE | {"pids": {"supervisor": 7, "redis": None}}).encode(),
        json.dumps(STATE | {"url": None}).encode(),
        json.dumps(STATE | {"restarts": 3}).encode(),
        json.dumps(STATE).encode()[:-20],
    ],
)  # fmt: skip
def test_a_damaged_state_is_none(tmp_path, damaged):
    (tmp_path / "runtime.json").write_bytes(damaged)
    assert runtime.read(tmp_path) is None
    assert runtime.running(tmp_path) is None
    assert status.collect(tmp_path) == {"data": str(tmp_path), "state": "down"}


def test_a_damaged_state_of_a_stack_that_runs_is_written_anew(tmp_path):
    runtime.write(tmp_path, STATE)
    before = (tmp_path / "runtime.json").stat().st_ino
    runtime.write(tmp_path, STATE)
    assert (tmp_path / "runtime.json").stat().st_ino == before
    (tmp_path / "runtime.json").write_text("{")
    runtime.write(tmp_path, STATE)
    assert runtime.read(tmp_path) == STATE


@pytest.mark.parametrize("text", [b"", b"not a number", b"\xff" * 32, b"12345678901234567890"])
def test_a_lock_whose_text_is_damaged_is_still_held(tmp_path, text):
    lock = runtime.Lock(tmp_path)
    assert lock.acquire()
    (tmp_path / "lock").write_bytes(text)
    assert runtime.Lock(tmp_path).holder() not in (None, os.getpid())
    assert not runtime.Lock(tmp_path).wait_free(0.05)


def test_a_kek_file_that_a_power_cut_left_empty_is_drawn_again_and_no_other(tmp_path):
    (tmp_path / "kek").touch()
    first = runtime.kek_file(tmp_path).read_text()
    assert len(first) == 45
    assert runtime.kek_file(tmp_path).read_text() == first
    (tmp_path / "kek").write_text("somebody's\n")
    assert runtime.kek_file(tmp_path).read_text() == "somebody's\n"
