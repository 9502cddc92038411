"""What a job consists of, as the clients and the command line tell it."""

import asyncio
import json

from novacron import AsyncClient, Client
from novacron.answers.answer import Listing
from novacron.answers.task import Task
from testing.patience import PATIENCE_S
from tests.acceptance.stack import Stack
from tests.acceptance.test_determinism import H2

SPEC = {
    "kind": "hybrid_vqe", "ansatz": {"name": "uccsd"}, "granularity": "fanned_out", "cache": False,
    "hamiltonian": {"terms": H2["terms"], "hf_bitstring": "1100", "e_exact": H2["e_fci"]},
}  # fmt: skip


async def _awaited(stack: Stack, job_id: str, limit: int | None) -> Listing[Task]:
    async with AsyncClient(stack.url, stack.token) as client:
        return await (await client.job(job_id)).tasks(limit=limit)


def test_all_tasks_of_a_loop_are_told_alike_everywhere(stack: Stack, client: Client):
    job = stack.submit(SPEC, client).wait(PATIENCE_S)
    assert job.status == "completed", job.document["error"]
    tasks = job.tasks()
    assert len(tasks) == job.document["tasks"]["total"] > 3
    assert {task["state"] for task in tasks} == {"completed"} and all(task["worker"] for task in tasks)
    ids = [task["task_id"] for task in tasks]
    assert ids == sorted(ids)
    assert all(parent in ids for task in tasks for parent in task["depends_on"])
    assert job.tasks(limit=2) == tasks[:2]
    assert asyncio.run(_awaited(stack, job.id, None)) == tasks
    assert asyncio.run(_awaited(stack, job.id, 1)) == tasks[:1]
    assert json.loads(stack.run("tasks", job.id, "--json").stdout) == {"tasks": tasks}
    table = stack.run("tasks", job.id, "--limit", "3").stdout.splitlines()
    assert [line.split()[0] for line in table if line.strip()[:1].isdigit()] == [
        str(task) for task in ids[:3]
    ]
