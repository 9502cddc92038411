"""This project: rows in PostgreSQL with fsync on, a scheduler loop, one worker with two slots."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.orchestration.shapes import (
    CHAIN,
    FAN,
    ITERATIONS,
    LOOP_ITERATIONS,
    LOOP_WIDTH,
    WIDTH,
    serve,
)
from scheduler.dispatch.hooks import DispatchHook
from scheduler.dispatch.loop import Loop
from shared.db import jobs, session, tokens, workers
from shared.settings import load
from shared.tasks import TaskSpec

SPEC = {
    "kind": "pure_classical", "name": "benchmark", "priority": 0, "max_retries": 3, "timeout_s": None,
    "depends_on": [], "seed": 0, "noise": None, "function": "noop",
}  # fmt: skip
COST_S = 0.0005


def noop(after: Sequence[int] = ()) -> TaskSpec:
    return TaskSpec("noop", "cpu-sim", {"value": 0}, tuple(after), COST_S)


def fan(width: int = FAN) -> list[TaskSpec]:
    return [*(noop() for _ in range(width)), noop(range(width))]


def chain() -> list[TaskSpec]:
    return [noop(range(max(0, hop - 1), hop)) for hop in range(CHAIN)]


def loop(iterations: int = ITERATIONS, width: int = WIDTH) -> list[TaskSpec]:
    tasks: list[TaskSpec] = []
    for _ in range(iterations):
        first = len(tasks)
        tasks += [noop(range(max(0, first - 1), first)) for _ in range(width)]
        tasks.append(noop(range(first, first + width)))
    return tasks


class Stack:
    """A scheduler loop in this process, and a separate worker.

    Args:
        attached: hooks of the loop, None for the default ones.
    """

    def __init__(self, attached: Sequence[DispatchHook] | None = None) -> None:
        self._settings = load()
        self._connection = session.connect(self._settings.database_url, name="benchmark")
        tokens.create(self._connection, name="benchmark", role="admin", tenant="benchmark")
        row = self._connection.execute("SELECT id FROM tenants WHERE name = 'benchmark'").fetchone()
        self.tenant_id = int(row[0]) if row else 0
        self._listening = session.connect(self._settings.database_url, name="benchmark-listen")
        self._listening.execute("LISTEN job")
        command = [sys.executable, "-m", "workers", "--queue", "cpu-sim", "--concurrency", "2"]
        self._worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._loop = Loop(self._settings, attached)
        self._loop.start()
        while "cpu-sim" not in workers.live_queues(self._connection):
            for _ in self._listening.notifies(timeout=0.1):
                pass

    def run(self, tasks: list[TaskSpec], traceparent: str | None = None) -> str:
        """Submit a graph, in a trace where there is one, and wait for its end.

        Raises:
            RuntimeError: the job failed, which is quicker than to run it.
        """
        job = jobs.NewJob(self.tenant_id, SPEC, traceparent=traceparent)
        jobs.insert(self._connection, job, jobs.Plan(tasks, {}))
        while True:
            for _ in self._listening.notifies(timeout=0.5, stop_after=1):
                pass
            row = self._connection.execute(
                "SELECT state::text, error FROM jobs WHERE id = %s", (job.job_id,)
            ).fetchone()
            if row and row[0] == "completed":
                return job.job_id
            if row and row[0] == "failed":
                raise RuntimeError(f"the job failed: {row[1]}")

    def leading(self) -> bool:
        """Return whether the loop leads."""
        return self._loop.leading

    def stop(self) -> None:
        """Stop the worker and the loop."""
        self._worker.send_signal(signal.SIGTERM)
        self._worker.wait(30)
        self._loop.stop()


def main() -> None:
    stack = Stack()
    stack.run(fan(20))
    try:
        serve({
            "fan": lambda: stack.run(fan()),
            "chain": lambda: stack.run(chain()),
            "loop": lambda: stack.run(loop()),
            "loop10x4": lambda: stack.run(loop(LOOP_ITERATIONS, LOOP_WIDTH)),
        })  # fmt: skip
    finally:
        stack.stop()
        os._exit(0)


if __name__ == "__main__":
    main()
