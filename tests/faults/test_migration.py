"""A migration killed at any instant can be resumed and taken back, and everything serves all the while."""

import base64
import os
import subprocess
import sys

import psycopg
import pytest

from tests.conftest import ROOT
from tests.faults.migrations import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_migration_is_resumed_and_taken_back(scenario, postgres_server, tmp_path):
    postgres_server.ensure()
    url = postgres_server.fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO tenants (name) VALUES ('one')")
    (kek := tmp_path / "kek").write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.migrations", url, str(tmp_path), scenario],
        cwd=ROOT, env=os.environ | {"NOVACRON_KEK_FILE": str(kek)}, capture_output=True, text=True,
        timeout=280,
    )  # fmt: skip
    postgres_server.drop(url)
    assert done.returncode == 0, done.stderr[-4000:]
    assert int(done.stdout) > 10, "there are that many effects at least"
