"""Copies that run are watched and ended as processes of one's own."""

import os
import signal
import subprocess

import pytest

from testing import copies

PROGRAM = "scheduler.__main__"


@pytest.fixture
def start(tmp_path):
    """Starts schedulers without a database; what they say is in a file."""

    def started(**more):
        environment = dict(os.environ) | {"NOVACRON_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
        with (tmp_path / "said").open("ab") as said:
            return copies.Copy(
                copies.origin(PROGRAM, environment), environment, tmp_path, said.fileno(), **more
            )

    return started


def test_a_copy_runs_until_it_is_told_to_end(start, tmp_path):
    copy = start()
    with pytest.raises(subprocess.TimeoutExpired):
        copy.wait(0.0)
    assert copy.poll() is None and copy.returncode is None
    copy.terminate()
    assert copy.wait() == copy.poll() == copy.returncode != 0
    copy.terminate()


def test_a_bound_copy_leads_a_group_that_can_be_killed(start):
    copy = start(bound=True)
    assert os.getpgid(copy.pid) == copy.pid
    os.killpg(copy.pid, signal.SIGKILL)
    assert copy.wait() == -signal.SIGKILL
