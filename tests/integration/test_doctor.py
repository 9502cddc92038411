"""The doctor, on servers that are whole and on servers that are not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from scheduler import leader
from shared.db import invariants, workers
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "redis://127.0.0.1:1/0"


class Doctor:
    def __init__(self, database_url, redis_url, folder):
        self._environment = os.environ | {
            "NOVACRON_DATABASE_URL": database_url,
            "NOVACRON_REDIS_URL": redis_url,
            "NOVACRON_QUEUES": "cpu-sim",
            "NOVACRON_DATA": str(folder),
        }

    def __call__(self, *options, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "scheduler.doctor", "--json", *options],
            cwd=ROOT, env=self._environment | environment, capture_output=True, text=True, timeout=PATIENCE_S,
        )  # fmt: skip
        findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
        return done.returncode, findings


@pytest.fixture
def doctor(database_url, redis_url, tmp_path):
    return Doctor(database_url, redis_url, tmp_path)


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url, autocommit=True) as made:
        yield made


def test_a_whole_server_is_found_whole(doctor, connection):
    assert leader.lead(connection)
    workers.announce(connection, "host:1", queue="cpu-sim", host="host", pid=1, slots=2)
    # However long the doctor takes to come.
    connection.execute("UPDATE workers SET seen_at = seen_at + interval '1 hour'")
    code, found = doctor()
    required = {name: finding for name, finding in found.items() if finding["required"]}
    assert set(required) == {"database", "schema", "redis", "workers of cpu-sim", "leader", "messages"}
    assert all(finding["ok"] for finding in required.values())
    assert code == 0
    assert {"gpu", "liboqs", "matplotlib"} <= set(found)
    for name in ("gpu", "liboqs"):
        assert found[name]["ok"] or "pip install" in found[name]["cure"]
    assert "gives Kyber512" in found["liboqs"]["text"] or not found["liboqs"]["ok"]


def test_what_is_missing_is_named_with_its_cure(doctor, connection):
    workers.leave(connection, "host:1")
    code, found = doctor(NOVACRON_REDIS_URL=NOBODY)
    assert code == 1
    failing = {name for name, finding in found.items() if finding["required"] and not finding["ok"]}
    assert failing == {"redis", "workers of cpu-sim", "leader"}
    assert "--queue cpu-sim" in found["workers of cpu-sim"]["cure"]


def test_a_database_that_is_away_or_empty_is_told_apart(doctor, postgres_server):
    code, found = doctor(NOVACRON_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (code, found["database"]["ok"]) == (1, False)
    assert "schema" not in found
    code, found = doctor(NOVACRON_DATABASE_URL=postgres_server.server.url)
    assert (code, found["schema"]["ok"]) == (1, False)
    assert "shared.db.migrate" in found["schema"]["cure"]


def test_a_lost_message_is_seen(doctor, connection):
    connection.execute("INSERT INTO tenants (name) VALUES ('one') ON CONFLICT DO NOTHING")
    connection.execute(
        "INSERT INTO jobs (id, tenant_id, kind, name, spec, n_tasks)"
        " SELECT 'lost', min(id), 'pure_classical', 'lost', '{}', 1 FROM tenants"
    )
    connection.execute(
        "INSERT INTO tasks (job_id, tenant_id, name, operation, queue, payload, state, final, cost_s,"
        " queued_at) SELECT 'lost', tenant_id, 'noop', 'noop', 'cpu-sim', '{}', 'queued', true, 0.1,"
        " clock_timestamp() - interval '1 minute' FROM jobs"
    )
    code, found = doctor()
    assert (code, found["messages"]["ok"]) == (1, False)
    assert found["messages"]["text"].startswith("1 lost")
    connection.execute("DELETE FROM jobs")


def test_the_invariants_hold_of_an_empty_database_and_are_all_shown(doctor):
    code, found = doctor("--invariants")
    assert code == 0
    assert set(found) == set(invariants.INVARIANTS)


def test_a_broken_invariant_is_named_with_its_rows(doctor, connection):
    connection.execute("INSERT INTO tenants (name) VALUES ('one') ON CONFLICT DO NOTHING")
    connection.execute(
        "INSERT INTO jobs (id, tenant_id, kind, name, spec, state, finished_at, n_tasks)"
        " SELECT 'ended', min(id), 'pure_classical', 'ended', '{}', 'cancelled', clock_timestamp(), 1"
        " FROM tenants"
    )
    connection.execute(
        "INSERT INTO tasks (job_id, tenant_id, name, operation, queue, payload, state, final, cost_s)"
        " SELECT 'ended', tenant_id, 'noop', 'noop', 'cpu-sim', '{}', 'ready', true, 0.1 FROM jobs"
    )
    code, found = doctor("--invariants")
    assert code == 1
    broken = {name for name, finding in found.items() if not finding["ok"]}
    assert broken == {
        "an ended job has no unfinished task", "a job begins with its acceptance and ends once",
    }  # fmt: skip
    assert "'ended'" in found["an ended job has no unfinished task"]["text"]
    connection.execute("DELETE FROM jobs")
