"""Commands in copies of one process are as those in processes of their own."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from testing import command_line, copies


@pytest.fixture
def environment():
    """One whose commands are copies."""
    own = dict(os.environ)
    for _ in range(2):
        copies.repeated(command_line.PROGRAM, own)
    return own


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["dance"], ["jobs"], ["crypto", "inspect", "text"], []]
)
def test_a_copy_says_what_the_command_says(environment, tmp_path, arguments):
    (tmp_path / "text").write_text("no envelope")
    environment["NOVACRON_DATA"] = str(tmp_path)
    copied = command_line.run(*arguments, environment=environment, cwd=tmp_path)
    itself = subprocess.run(
        [sys.executable, "-m", "novacron.cli", *arguments],
        env=environment, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    said = (copied.returncode, copied.stdout, copied.stderr)
    assert said == (itself.returncode, itself.stdout, itself.stderr)


def test_copies_run_side_by_side(environment, tmp_path):
    names = [str(number) for number in range(6)]
    with ThreadPoolExecutor(3) as pool:
        done = pool.map(
            lambda name: command_line.run("crypto", "inspect", name, environment=environment, cwd=tmp_path),
            names,
        )
        assert [f"{name}: " in one.stderr for name, one in zip(names, done, strict=True)] == [True] * 6


def test_one_that_takes_too_long_is_killed(environment, tmp_path):
    os.mkfifo(tmp_path / "text")
    with pytest.raises(subprocess.TimeoutExpired):
        command_line.run("crypto", "inspect", "text", environment=environment, cwd=tmp_path, timeout_s=2.0)
    assert command_line.run("--version", environment=environment).returncode == 0
