"""A migration killed at any instant can be resumed and taken back, and everything serves all the while."""

import os
import subprocess
import sys

import psycopg
import pytest

from testing.faults.migrations import SCENARIOS
from tests.conftest import ROOT


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_migration_is_resumed_and_taken_back(scenario, new_database_url, kek_file, tmp_path):
    with psycopg.connect(new_database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO tenants (name) VALUES ('one')")
    done = subprocess.run(
        [sys.executable, "-m", "testing.faults.migrations", new_database_url, str(tmp_path), scenario],
        cwd=ROOT, env=os.environ | {"NOVACRON_KEK_FILE": str(kek_file)}, capture_output=True, text=True,
        timeout=800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    assert int(done.stdout) > 10, "there are that many effects at least"
