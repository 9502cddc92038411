"""Workers killed at every point of a task's way to a provider and back: it gets one job there, and ends."""

import os
import signal
from collections.abc import Iterator

import psycopg
import pytest

from testing.remote.stack import Stack, stack

AT_PROVIDER = ("search", "submit", "accepted", "poll")
"""The provider kills who asks it this."""
AT_DATABASE = ("row", "id", "payload", "finish")
"""The worker is killed in this statement, which is undone."""
HALTS = """
CREATE TABLE halts (point text, key int);
CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held int;
BEGIN
  SELECT h.key INTO held FROM halts h JOIN jobs j ON j.plan ->> 'device' = h.point
  WHERE j.id = NEW.job_id AND h.point = TG_ARGV[0];
  IF FOUND THEN PERFORM pg_advisory_xact_lock(held); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER halt_row BEFORE INSERT ON provider_jobs FOR EACH ROW EXECUTE FUNCTION halt('row');
CREATE TRIGGER halt_id BEFORE UPDATE OF provider_job ON provider_jobs FOR EACH ROW
  WHEN (NEW.provider_job IS NOT NULL) EXECUTE FUNCTION halt('id');
CREATE TRIGGER halt_payload BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (NEW.state = 'ready' AND OLD.state = 'running' AND NEW.payload ->> 'provider_job' IS NOT NULL)
  EXECUTE FUNCTION halt('payload');
CREATE TRIGGER halt_finish BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (NEW.state = 'completed') EXECUTE FUNCTION halt('finish');
"""
WAITING = """
SELECT a.pid, a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND NOT l.granted AND l.objid = %s
"""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("remote"), slots=3) as made:
        yield made
        made.closed()


class Halts:
    """Statements that wait, each at its point of the job on the device of that name."""

    def __init__(self, there: Stack) -> None:
        self._there = there
        self._lock = psycopg.connect(there.rig.database_url, autocommit=True)
        self._lock.execute(HALTS)
        for key, point in enumerate(AT_DATABASE, 1):
            self._lock.execute("SELECT pg_advisory_lock(%s)", (key,))
            self._lock.execute("INSERT INTO halts VALUES (%s, %s)", (point, key))

    def kill(self, key: int) -> None:
        """Kill the worker child whose statement waits, and undo the statement."""
        self._there.rig.until(lambda: self._waiting(key), AT_DATABASE[key - 1])
        backend, worker = self._waiting(key)[0]
        os.kill(int(worker.rpartition("/")[2]), signal.SIGKILL)
        self._lock.execute("SELECT pg_terminate_backend(%s, 10000)", (backend,))
        self._lock.execute("SELECT pg_advisory_unlock(%s)", (key,))

    def _waiting(self, key: int) -> list[tuple[int, str]]:
        return [(row[0], row[1]) for row in self._lock.execute(WAITING, (key,))]

    def close(self) -> None:
        self._lock.close()


def test_a_worker_killed_anywhere_leaves_one_job_at_the_provider_and_loses_no_result(there: Stack) -> None:
    halts = Halts(there)
    for point in AT_PROVIDER:
        there.server.device(point, kill=point)
    jobs = {point: there.submit(point) for point in (*AT_DATABASE, *AT_PROVIDER)}
    for key in range(1, len(AT_DATABASE) + 1):
        halts.kill(key)
    assert all(there.result(job)["counts"] for job in jobs.values())
    assert {point: there.accepted(job) for point, job in jobs.items()} == dict.fromkeys(jobs, 1)
    lost = {point: [c for c in there.causes(job) if "worker was lost" in c] for point, job in jobs.items()}
    assert {point: len(causes) for point, causes in lost.items()} == dict.fromkeys(jobs, 1)
    assert not there.server.told()["cancelled"]
    halts.close()


def test_what_a_worker_submitted_as_it_was_killed_is_cancelled_by_its_tag(there: Stack) -> None:
    there.server.device("unheard", kill="accepted", hold=True)
    job = there.submit("unheard")
    known = there.at_provider("unheard")["id"]
    there.cancel(job)
    there.rig.until(lambda: known in there.server.told()["cancelled"], "it is cancelled there")
    assert there.ended(job)["status"] == "cancelled" and there.server_id(job) is None
    assert there.accepted(job) == 1


def test_work_goes_on_at_the_provider_while_no_worker_lives(there: Stack) -> None:
    there.server.device("alone", hold=True)
    job = there.submit("alone")
    known = there.snoozed(job)
    there.kill_worker(signal.SIGKILL)
    there.server.device("alone", hold=False)
    there.rig.until(lambda: there.at_provider("alone")["state"] == "done", "it is done there")
    there.start_worker()
    assert there.result(job)["receipt"]["provider_job"] == known
    assert there.accepted(job) == 1
