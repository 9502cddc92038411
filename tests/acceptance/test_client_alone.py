"""The client where nothing else is installed, with a stack elsewhere."""

import os
import subprocess
from pathlib import Path

import pytest

from testing.patience import PATIENCE_S
from tests import wheels
from tests.acceptance.stack import ROOT, Stack

SCRIPT = """
from novacron import VQE, Client

job = Client().submit(VQE(hamiltonian={"model": "tfim", "n_qubits": 4}, ansatz="hardware_efficient"))
print(job.result().backend)
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with `pip install novacron`."""
    folder = tmp_path_factory.mktemp("client-alone")
    return wheels.install(wheels.build(folder), folder / "environment")


def run(program: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [program, *arguments], cwd=program.parent, env=kept | variables, capture_output=True, text=True,
        timeout=PATIENCE_S,
    )  # fmt: skip


def test_nothing_of_the_server_is_there(programs: Path) -> None:
    for module in ("scheduler", "shared", "workers", "numpy", "celery"):
        assert "ModuleNotFoundError" in run(programs / "python", "-c", f"import {module}").stderr


def test_the_command_line_helps(programs: Path) -> None:
    done = run(programs / "novacron", "--help")
    assert done.returncode == 0 and "submit" in done.stdout, done.stderr


def test_what_needs_the_server_says_so(programs: Path, tmp_path: Path) -> None:
    done = run(programs / "novacron", "up", "--data", str(tmp_path))
    assert done.returncode == 2 and "belongs to the server part" in done.stderr, done.stderr


def test_a_job_is_submitted_and_its_result_read(stack: Stack, programs: Path) -> None:
    elsewhere = {"NOVACRON_URL": stack.url, "NOVACRON_TOKEN": stack.token}
    done = run(programs / "novacron", "submit", str(ROOT / "examples" / "h2.yaml"), "--watch", **elsewhere)
    assert done.returncode == 0 and "-1.137270" in done.stdout, done.stderr
    done = run(programs / "python", "-c", SCRIPT, **elsewhere)
    assert done.stdout == "statevector\n", done.stderr
