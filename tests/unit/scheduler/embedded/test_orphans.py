import os
import subprocess
import sys

import pytest

from scheduler.embedded import orphans


@pytest.fixture
def start():
    started = []

    def run(**variables):
        code = "print(flush=True); import time; time.sleep(60)"
        process = subprocess.Popen(
            [sys.executable, "-c", code], env=os.environ | variables, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def test_only_processes_marked_by_this_stack_are_ended(start, tmp_path):
    (tmp_path / "stack").write_text("abc\n")
    ours = start(NOVACRON_DATA=str(tmp_path), NOVACRON_STACK="abc")
    other_stack = start(NOVACRON_DATA=str(tmp_path), NOVACRON_STACK="def")
    other_folder = start(NOVACRON_DATA=str(tmp_path / "other"), NOVACRON_STACK="abc")
    shell_of_a_user = start(NOVACRON_DATA=str(tmp_path))
    assert [process.pid for process in orphans.find(tmp_path)] == [ours.pid]
    assert len(orphans.end(tmp_path)) == 1
    assert orphans.left(tmp_path) == []
    assert ours.poll() is not None
    assert all(process.poll() is None for process in (other_stack, other_folder, shell_of_a_user))


@pytest.mark.parametrize("damage", ["", "\0\0\0\0"])
def test_where_the_name_is_damaged_the_folder_tells_them(start, tmp_path, damage):
    (tmp_path / "stack").write_text(damage)
    ours = start(NOVACRON_DATA=str(tmp_path), NOVACRON_STACK="abc")
    shell_of_a_user = start(NOVACRON_DATA=str(tmp_path))
    orphans.end(tmp_path)
    assert ours.poll() is not None and shell_of_a_user.poll() is None
