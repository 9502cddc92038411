"""docs/lifecycle.md against PostgreSQL: a trigger notes every move that the functions of shared/db make."""

import re
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from novacron.specs import Classical
from shared.db import claims, completion, dispatch, expansion, jobs, rescue, session, sweeps, tokens, workers
from shared.db.completion import Finished
from shared.db.jobs import NewJob, Plan
from shared.db.sweeps import Child
from shared.failures import Failure
from shared.queues import QUEUES
from shared.states import FailureClass
from shared.tasks import TaskSpec

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
WORKER = "w/1"
ONE = TaskSpec("noop", "cpu-sim")
TRACE = """
CREATE TABLE trace (kind text, before text, after text, who text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who text := current_setting('doing.' || TG_TABLE_NAME, true);
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO trace VALUES (TG_TABLE_NAME, 'new', NEW.state, who);
  ELSIF OLD.state <> NEW.state THEN
    INSERT INTO trace VALUES (TG_TABLE_NAME, OLD.state, NEW.state, who);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER INSERT OR UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION note();
"""


class Rows:
    """Calls the functions one by one, each under its name."""

    def __init__(self, connection):
        self.connection = connection
        tokens.create(connection, name="t", role="admin", tenant="t")
        workers.announce(connection, "w", queue="cpu-sim", host="h", pid=1, slots=50)

    @contextmanager
    def doing(self, tasks, jobs=None):
        for table, name in (("tasks", tasks), ("jobs", jobs or tasks)):
            self.connection.execute(
                "SELECT set_config(%s, %s, false)", (f"doing.{table}", f"shared/db/{name}")
            )
        yield

    def submit(self, *tasks, key=None, cached=None):
        spec = Classical(function="noop").model_dump(mode="json")
        plan = Plan(tasks, {}) if tasks else None
        with self.doing("graph.py:insert", "jobs.py:insert"):
            return jobs.insert(self.connection, NewJob(1, spec, key), plan, cached=cached)

    def take(self, limit=1000):
        with self.doing("dispatch.py:take"):
            taken = dispatch.take(self.connection, QUEUES.values(), limit=limit)
        return [(task.task_id, task.attempt) for task in taken]

    def claim(self, messages=None, lease_s=60.0):
        messages = messages or self.take()
        with self.doing("claims.py:claim"):
            return claims.claim(self.connection, messages, worker=WORKER, lease_s=lease_s)

    def finish(self, held, inline=0):
        with self.doing("completion.py:finish"):
            return completion.finish(
                self.connection,
                [Finished.of(held, {})],
                worker=WORKER,
                queue="cpu-sim",
                lease_s=60,
                inline=inline,
            )

    def fail(self, held):
        with self.doing("claims.py:fail", "jobs.py:fail"):
            assert claims.fail(
                self.connection, held, worker=WORKER, failure=Failure(FailureClass.USER, "no such thing")
            )

    def reclaim(self):
        with self.doing("rescue.py:reclaim_expired", "jobs.py:fail"):
            assert len(rescue.reclaim_expired(self.connection)) == 1


@pytest.fixture
def rows(database_url):
    with session.connect(database_url, name="test") as connection:
        connection.execute(TRACE, prepare=False)
        yield Rows(connection)


def completes(rows):
    """A chain with a twin that joined it: a lost message, a release, one task shared and one inlined."""
    chain = [ONE, TaskSpec("noop", "cpu-sim", after=(0,)), TaskSpec("noop", "cpu-sim", after=(1,))]
    leader = rows.submit(*chain, key="k")
    rows.submit(ONE, key="k")
    lost = rows.take()
    with rows.doing("dispatch.py:put_back"):
        assert dispatch.put_back(rows.connection, lost, cause="lost") == 1
    (held,) = rows.claim()
    with rows.doing("claims.py:release"):
        assert claims.release(rows.connection, held, worker=WORKER, cause="snoozed")
    (held,) = rows.claim()
    rows.finish(held)
    (held,) = rows.claim()
    (held,) = rows.finish(held, inline=1).inline
    with rows.doing("expansion.py:expand"):
        mine = expansion.expand(rows.connection, held, [ONE], worker=WORKER, lease_s=60, inline=1)
    assert mine is not None
    rows.finish(mine[0])
    rows.submit(cached={})
    late = rows.submit(key="k")
    rows.connection.execute("UPDATE jobs SET joined = %s WHERE id = %s", (leader, late))
    with rows.doing("rescue.py:part_from_ended"):
        assert rescue.part_from_ended(rows.connection) == 1


def sweeps_over(rows):
    """A sweep of a job that is cached and one that is not."""
    spec = Classical(function="noop").model_dump(mode="json")
    cached = Child(NewJob(1, spec), 0, {}, None, "{}")
    fresh = Child(NewJob(1, spec), 1, {}, Plan([ONE], {}))
    sweep = NewJob(1, spec | {"kind": "sweep", "keep_going": True, "pick": None})
    with rows.doing("graph.py:insert", "sweeps.py:insert"):
        assert sweeps.insert(rows.connection, sweep, Plan((), {}), [cached, fresh])
    with rows.doing("sweeps.py:settle"):
        sweeps.settle(rows.connection)
    (held,) = rows.claim()
    rows.finish(held)
    with rows.doing("sweeps.py:settle"):
        sweeps.settle(rows.connection)


def fails(rows):
    """By its task, by its workers' deaths, and before it began."""
    rows.submit(ONE)
    (held,) = rows.claim()
    rows.fail(held)
    rows.submit(ONE)
    for _ in range(claims.POISON_LIMIT):
        rows.claim(lease_s=0.0)
        time.sleep(0.01)
        rows.reclaim()
    waiting = rows.submit()
    with rows.doing("jobs.py:fail"):
        assert jobs.fail(rows.connection, waiting, {"class": "dependency", "message": "m"})


def is_cancelled(rows):
    """With a task in every state, and before it began."""
    job = rows.submit(ONE, ONE, ONE, TaskSpec("noop", "cpu-sim", after=(0, 1, 2)))
    rows.claim(rows.take(limit=2)[:1])
    with rows.doing("jobs.py:cancel"):
        assert jobs.cancel(rows.connection, job)
    waiting = rows.submit()
    with rows.doing("jobs.py:cancel"):
        assert jobs.cancel(rows.connection, waiting)


def test_the_page_lists_exactly_the_moves_that_are_made(rows):
    completes(rows)
    sweeps_over(rows)
    fails(rows)
    is_cancelled(rows)
    made = set(rows.connection.execute("SELECT kind, before, after, who FROM trace").fetchall())
    assert made == {("jobs", *row) for row in listed("## Jobs")} | {
        ("tasks", *row) for row in listed("## Tasks")
    }


def listed(heading):
    """(from, to, file:function) of the table after a heading."""
    part = PAGE.read_text().split(heading)[1].split("\n## ")[0]
    return re.findall(r"^\| (\w+) \| (\w+) \| `([^`]+)` \|", part, re.MULTILINE)
