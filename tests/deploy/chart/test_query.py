"""What KEDA asks PostgreSQL, asked on a real one: seconds of work for one pod of the pool."""

import psycopg
import pytest

from testing.chart import reading

JOB = """
INSERT INTO jobs (id, tenant_id, kind, name, spec, n_tasks)
SELECT 'one', min(id), 'pure_classical', 'one', '{}', 6 FROM tenants
"""
TASK = """
INSERT INTO tasks (job_id, tenant_id, name, operation, queue, payload, state, cost_s, not_before, claimed_by,
                   remaining)
SELECT 'one', tenant_id, 'noop', 'noop', %(queue)s, '{}', %(state)s::task_state, %(cost)s,
       CASE WHEN %(later)s THEN clock_timestamp() + interval '1 hour' END,
       CASE WHEN %(state)s::task_state = 'running' THEN 'worker' END, (%(state)s::task_state = 'blocked')::int
FROM jobs
"""
TASKS = (
    ("cpu-sim", "ready", 100.0, False),
    ("cpu-sim", "queued", 20.0, False),
    ("cpu-sim", "running", 7.5, False),
    ("cpu-sim", "ready", 1000.0, True),
    ("cpu-sim", "blocked", 1000.0, False),
    ("crypto", "ready", 1000.0, False),
)


@pytest.fixture
def connection(new_database_url):
    with psycopg.connect(new_database_url, autocommit=True) as opened:
        opened.execute("INSERT INTO tenants (name) VALUES ('one') ON CONFLICT DO NOTHING")
        opened.execute(JOB)
        yield opened


def answer(connection, render, name, pool):
    scaled = reading.named(render(name), "ScaledObject", f"-worker-{pool}")
    [row] = connection.execute(scaled["spec"]["triggers"][0]["metadata"]["query"].encode()).fetchall()
    return row[0]


def test_what_waits_and_runs_is_counted_in_seconds_of_one_pod(connection, render):
    assert answer(connection, render, "keda", "cpu") == 0, "an idle pool may scale to nothing"
    for queue, state, cost, later in TASKS:
        connection.execute(TASK, {"queue": queue, "state": state, "cost": cost, "later": later})
    # 127.5 s, in two slots.
    assert answer(connection, render, "keda", "cpu") == 64


def test_the_least_work_wakes_a_pool(connection, render):
    connection.execute(TASK, {"queue": "cpu-sim", "state": "ready", "cost": 1e-6, "later": False})
    assert answer(connection, render, "keda", "cpu") == 1


def test_pools_of_one_queue_together_ask_for_all_of_it(connection, render):
    connection.execute(TASK, {"queue": "cpu-sim", "state": "ready", "cost": 4000.0, "later": False})
    small, big = (answer(connection, render, "two-pools", pool) for pool in ("cpu", "big"))
    assert (small, big) == (400, 200)
    assert small * 2 + big * 16 == 4000
