"""A stack that goes down, gently or not, goes on where it was."""

import shutil
import tempfile
from pathlib import Path

import psutil
import pytest

from testing.patience import PATIENCE_S, eventually
from tests.acceptance.stack import Stack, held, sleeping


@pytest.fixture
def own_stack():
    folder = Path(tempfile.mkdtemp(prefix="novacron-restart-"))
    running = Stack(folder / "data", NOVACRON_QUEUES="cpu-sim", NOVACRON_CONCURRENCY="1")
    try:
        running.up()
        yield running
    finally:
        running.run("down", "--data", str(running.data), timeout_s=PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


def kill(stack: Stack) -> None:
    """SIGKILL to every process at once: the machine went away."""
    found = stack.processes()
    for process in found:
        process.suspend()
    for process in found:
        process.kill()
    _, alive = psutil.wait_procs(found, timeout=PATIENCE_S)
    assert alive == []


def queue_up(stack: Stack, until: Path) -> list[str]:
    """A job that runs until a file is there, some that wait for a worker, one that waits for them: ids."""
    with stack.client() as client:
        running = stack.submit(held(until), client)
        queued = [stack.submit(sleeping(0.01), client) for _ in range(5)]
        last = stack.submit(sleeping(0.02, depends_on=[running.id, queued[-1].id]), client)
        eventually(lambda: running.refresh().status == "running", "the first job's start")
    return [job.id for job in (running, *queued, last)]


def test_jobs_survive_a_shutdown_and_the_death_of_everything(own_stack: Stack, tmp_path: Path):
    for number, stop in enumerate((own_stack.down, lambda: kill(own_stack))):
        ids = queue_up(own_stack, until := tmp_path / f"end {number}")
        stop()
        until.touch()
        own_stack.up()
        with own_stack.client() as client:
            documents = [client.job(job_id).wait(PATIENCE_S).document for job_id in ids]
            assert [job["status"] for job in documents] == ["completed"] * len(ids)
            assert documents[-1]["started_at"] >= documents[0]["finished_at"]
            ordinals = [event.ordinal for event in client.job(ids[0]).stream()]
            assert ordinals == list(range(1, len(ordinals) + 1))
    with own_stack.database() as connection:
        counts = connection.execute("SELECT state::text, count(*) FROM tasks GROUP BY 1").fetchall()
    assert counts == [("completed", 14)]
