"""A failed job's log, with no log system, as the command line and both clients tell it."""

import asyncio
import time
from pathlib import Path
from typing import Any

from novacron import AsyncClient, Client
from novacron.answers.log_line import Log
from testing.patience import PATIENCE_S
from tests.acceptance.stack import SEEDS, Stack

SUMMED_UP_S = 3.0
"""Seconds after which the leader logs this job's events apart from those of former tests: of too many at once
it logs only the number."""


def flaky(folder: Path, **more: Any) -> dict[str, Any]:
    """A job whose calls fail."""
    folder.mkdir()
    arguments = {"folder": str(folder), "failures": 9, "error": "ConnectionError"}
    return {
        "kind": "pure_classical", "function": "flaky", "arguments": arguments, "seed": next(SEEDS), **more,
    }  # fmt: skip


async def _awaited(stack: Stack, job_id: str, after: int) -> Log:
    async with AsyncClient(stack.url, stack.token) as client:
        return await (await client.job(job_id)).logs(after=after)


def test_a_failed_jobs_log_is_there_without_a_log_system(stack: Stack, client: Client, tmp_path: Path):
    time.sleep(SUMMED_UP_S)
    job = stack.submit(flaky(tmp_path / "calls", max_retries=1), client).wait(PATIENCE_S)
    assert job.status == "failed"
    followed = stack.run("logs", job.id, "--follow")
    assert followed.returncode == 0, followed.stderr
    lines = job.logs()
    assert lines.ended
    events = [line.event for line in lines]
    assert {"submitted", "planned", "retried"} <= set(events) and events.count("failed") == 2
    [retried] = [line for line in lines if line.event == "retried"]
    failed = next(line for line in lines if line.event == "failed" and line.task is not None)
    [task] = job.tasks()
    assert retried.task == failed.task == task.task_id == job.document["error"]["task"]
    assert (retried.attempt, failed.attempt) == (1, 2) and failed.worker == task.worker
    assert failed.exception is not None
    assert failed.exception.endswith("ConnectionError: call 2 fails as it should")
    assert "call 2 fails as it should" in followed.stdout and f"task={task.task_id}" in followed.stdout
    assert stack.document("logs", job.id) == lines
    assert asyncio.run(_awaited(stack, job.id, 0)) == lines
    assert asyncio.run(_awaited(stack, job.id, lines[0].number)) == lines[1:]


def test_a_log_is_the_tenants_own(stack: Stack, client: Client, tmp_path: Path):
    job = stack.submit(flaky(tmp_path / "calls", max_retries=0), client).wait(PATIENCE_S)
    other = stack.run("logs", job.id, token=stack.new_token("admin", tenant="logs elsewhere"))
    assert (other.returncode, other.stdout) == (2, "") and "there is no job" in other.stderr
