"""The doctor, on servers that are whole and on servers that are not."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from scheduler.doctor import surroundings
from shared.db import compatibility, invariants, leader, workers
from testing.patience import PATIENCE_S, eventually

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
    assert set(required) == {
        "database", "schema", "redis", "workers of cpu-sim", "leader", "messages", "redis writes",
        "transactions", "writes", "clocks",
    }  # fmt: skip
    assert [finding for finding in required.values() if not finding["ok"]] == []
    assert code == 0
    assert {"gpu", "liboqs", "matplotlib"} <= set(found)
    for name in ("gpu", "liboqs"):
        assert found[name]["ok"] or "pip install" in found[name]["cure"]
    assert "provides Kyber512" in found["liboqs"]["text"] or not found["liboqs"]["ok"]


def test_what_is_missing_is_named_with_its_cure(doctor, connection):
    workers.leave(connection, "host:1")
    code, found = doctor(NOVACRON_REDIS_URL=NOBODY)
    assert code == 1
    failing = {name for name, finding in found.items() if finding["required"] and not finding["ok"]}
    assert failing == {"redis", "workers of cpu-sim", "leader"}
    assert "--queue cpu-sim" in found["workers of cpu-sim"]["cure"]


def test_transactions_that_stand_in_the_way_are_named(doctor, connection, database_url):
    with psycopg.connect(database_url, application_name="forgotten") as forgotten:
        forgotten.execute("LOCK TABLE keks")
        holder = f"process {forgotten.info.backend_pid} (forgotten, idle in transaction)"
        waiting = threading.Thread(target=_wait_for, args=(database_url, "LOCK TABLE keks"))
        waiting.start()
        try:
            found = eventually(lambda: None if (seen := doctor()[1])["transactions"]["ok"] else seen)
        finally:
            forgotten.rollback()
            waiting.join()
    text = found["transactions"]["text"]
    assert f"{holder} has blocked 1 sessions" in text
    assert "pg_terminate_backend" in found["transactions"]["cure"]
    assert doctor()[1]["transactions"]["ok"]


def _wait_for(url, statement):
    with psycopg.connect(url) as waiting:
        waiting.execute(statement)


def test_a_database_that_takes_no_writes_is_told(doctor, connection):
    name = connection.info.dbname
    connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        code, found = doctor()
    finally:
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    assert (code, found["writes"]["ok"]) == (1, False)
    assert "read-only" in found["writes"]["text"] and "primary" in found["writes"]["cure"]


def test_clocks_that_differ_are_named(doctor, connection):
    workers.announce(connection, "late:1", queue="cpu-sim", host="late", pid=1, slots=2)
    connection.execute(
        "UPDATE workers SET clock_ahead_s = clock_ahead_s - 90, seen_at = seen_at + interval '1 hour'"
        " WHERE id = 'late:1'"
    )
    found = doctor()[1]["clocks"]
    assert (
        not found["ok"] and found["text"].startswith("late is 9") and "behind the database" in found["text"]
    )
    workers.leave(connection, "late:1")


def test_a_data_folder_without_room_is_told(tmp_path, monkeypatch):
    assert surroundings.disk(tmp_path).ok
    monkeypatch.setattr(surroundings, "FREE_BYTES", 1 << 62)
    found = surroundings.disk(tmp_path)
    assert not found.ok and str(tmp_path) in found.text


def test_a_database_that_is_away_or_empty_is_told_apart(doctor, postgres_server):
    code, found = doctor(NOVACRON_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (code, found["database"]["ok"]) == (1, False)
    assert "schema" not in found
    code, found = doctor(NOVACRON_DATABASE_URL=postgres_server.server.url)
    assert (code, found["schema"]["ok"]) == (1, False)
    assert "shared.db.migrate" in found["schema"]["cure"]


def test_a_newer_schema_is_whole_where_it_serves_this_version(doctor, connection):
    known = compatibility.newest()
    row = connection.execute("SELECT serves FROM compatibility").fetchone()
    try:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("UPDATE compatibility SET serves = %s", (known,))
        schema = doctor()[1]["schema"]
        assert (
            schema["ok"] and schema["text"] == f"at revision 9999, newer than {known} and compatible with it"
        )
        connection.execute("UPDATE compatibility SET serves = '9999'")
        schema = doctor()[1]["schema"]
        assert not schema["ok"] and "serves versions from schema 9999 on" in schema["text"]
        assert "start a newer version" in schema["cure"]
    finally:
        connection.execute("UPDATE alembic_version SET version_num = %s", (known,))
        connection.execute("UPDATE compatibility SET serves = %s", row)


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
