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
    ours = start(NOVACRON_DATA=str(tmp_path), NOVACRON_STACK="abc")
    other_stack = start(NOVACRON_DATA=str(tmp_path), NOVACRON_STACK="def")
    other_folder = start(NOVACRON_DATA=str(tmp_path / "other"), NOVACRON_STACK="abc")
    shell_of_a_user = start(NOVACRON_DATA=str(tmp_path))
    assert [process.pid for process in orphans.find(tmp_path, "abc")] == [ours.pid]
    assert orphans.end(tmp_path, "abc") == 1
    assert ours.poll() is not None
    assert all(process.poll() is None for process in (other_stack, other_folder, shell_of_a_user))
