"""The suite of the execution seam over a backend of an installed package: the remote test backend.

In a process of its own: once a process has looked for packages, it has the backend for all its tests.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from testing.remote import running
from testing.remote.backend import URL
from tests import leftovers

ROOT = Path(__file__).resolve().parents[2]
SUITE = "tests/conformance/test_execution_seam.py"


def test_the_suite_runs_over_a_backend_of_an_installed_package(tmp_path: Path) -> None:
    running.install(tmp_path / "packages")
    with running.server(tmp_path) as server:
        path = os.pathsep.join([str(tmp_path / "packages"), str(ROOT)])
        # A run of its own: it ends what it has started, not what this one has.
        mine = ("PYTEST_", leftovers.RUN)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
        command = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "-k", "remote", SUITE]
        run = subprocess.run(
            command, cwd=ROOT, env=environment | {"PYTHONPATH": path, URL: server.url},
            capture_output=True, text=True,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
        whole = len(re.findall(r"^@every$", (ROOT / SUITE).read_text(), re.MULTILINE))
        assert run.stdout.count(".") >= whole and server.told()["jobs"]
