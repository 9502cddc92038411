"""Each invariant finds what it is there to find."""

from contextlib import contextmanager

import psycopg
import pytest

from shared.db import session
from shared.tasks import TaskSpec
from testing.faults.invariants import INVARIANTS, violations

DONE, OPEN = "(SELECT id FROM jobs WHERE state = 'completed')", "(SELECT id FROM jobs WHERE state = 'queued')"
FIRST = f"(SELECT min(id) FROM tasks WHERE job_id = {OPEN})"
EVALUATIONS = '{"loop": 0, "evaluations": [{"evaluation": 1}, {"evaluation": 1}]}'

BREAKING = {
    "an ended job has no unfinished task":
        f"UPDATE tasks SET state = 'ready', claimed_by = NULL WHERE job_id = {DONE} AND NOT final",
    "a job is completed exactly when its final task is":
        f"UPDATE tasks SET state = 'cancelled' WHERE job_id = {DONE} AND final",
    "a planned job has one final task and knows how many it has": "UPDATE jobs SET n_tasks = n_tasks + 1",
    "a job that has not ended can go on": f"UPDATE tasks SET state = 'cancelled' WHERE id = {FIRST}",
    "a job that joined another ends with it":
        "INSERT INTO jobs (id, tenant_id, kind, name, spec, joined)"
        " SELECT 'twin', tenant_id, kind, name, spec, id FROM jobs WHERE state = 'completed'",
    "a sweep ends after its jobs":
        f"UPDATE jobs SET sweep = (SELECT id FROM jobs WHERE state = 'completed') WHERE id = {OPEN}",
    "a failed job names its cause":
        f"UPDATE jobs SET state = 'failed', finished_at = now(), error = '{{}}' WHERE id = {OPEN}",
    "a task starts after every task before it completed":
        f"UPDATE tasks SET started_at = started_at - interval '1 day' WHERE job_id = {DONE} AND final",
    "a task waits for as many tasks as are unfinished before it":
        "UPDATE tasks SET remaining = remaining + 1 WHERE state = 'blocked'",
    "a task completes once":
        "INSERT INTO events (job_id, type, body) SELECT job_id, type, body FROM events"
        " WHERE body ->> 'to' = 'completed'",
    "a result belongs to a completed task": f"INSERT INTO results (task_id, value) VALUES ({FIRST}, '1')",
    "a queued task says since when, a running one until when":
        f"UPDATE tasks SET state = 'queued', queued_at = NULL WHERE id = {FIRST}",
    "a lease that ran out is taken back":
        "UPDATE tasks SET state = 'running', claimed_by = 'x', lease_until = now() - interval '1 hour'"
        f" WHERE id = {FIRST}",
    "what a task has at a provider ends with it":
        "WITH ended AS (UPDATE tasks SET finished_at = finished_at - interval '1 day'"
        f" WHERE job_id = {DONE} AND final RETURNING id, job_id, queue, attempt)"
        " INSERT INTO provider_jobs (task_id, job_id, queue, backend, device, tag, attempt)"
        " SELECT id, job_id, queue, 'remote', 'slow', 'tag', attempt FROM ended",
    "a job begins with its acceptance and ends once": f"DELETE FROM events WHERE job_id = {OPEN}",
    "events are numbered without a gap":
        f"UPDATE events SET ordinal = 7 WHERE id = (SELECT min(id) FROM events WHERE job_id = {OPEN})",
    "a journal has no gap":
        f"INSERT INTO journal (job_id, loop, position, point, value) VALUES ({OPEN}, 0, 1, '{{0}}', 0)",
    "an evaluation is told once":
        f"INSERT INTO events (job_id, type, body) VALUES ({OPEN}, 'evaluations', '{EVALUATIONS}')",
    "a job that was computed is charged once": "DELETE FROM ledger",
}  # fmt: skip
"""By invariant, a statement after which it no longer holds."""


@pytest.fixture(scope="module")
def worked(shared_rig):
    """A database with a completed job of two tasks, and one that nobody has begun."""
    shared_rig.reset()
    shared_rig.scheduler()
    shared_rig.worker()
    shared_rig.submit([TaskSpec("noop", "cpu-sim"), TaskSpec("noop", "cpu-sim", after=(0,))])
    shared_rig.finish()
    shared_rig.end_processes()
    shared_rig.submit([TaskSpec("noop", "gpu-sim"), TaskSpec("noop", "gpu-sim", after=(0,))])
    return shared_rig


@contextmanager
def undone(rig):
    """A connection whose changes are taken back."""
    with session.connect(rig.database_url, name="tests") as connection:
        with connection.transaction() as transaction:
            yield connection
            raise psycopg.Rollback(transaction)


def test_every_invariant_is_tried():
    assert set(BREAKING) == set(INVARIANTS)


@pytest.mark.parametrize("name", BREAKING)
def test_an_invariant_finds_what_breaks_it(worked, name):
    assert worked.broken() == {}
    with undone(worked) as connection:
        connection.execute(BREAKING[name].encode())
        found = violations(connection, lease_s=0.0)
        assert name in found, found
    assert worked.broken() == {}
