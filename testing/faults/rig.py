"""Servers, schedulers and workers as separate processes, to be killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psutil
import psycopg
import redis

from scheduler.embedded import ports
from scheduler.embedded.child import Child
from scheduler.embedded.postgres import Postgres
from scheduler.embedded.redis import Redis
from scheduler.embedded.service import Service
from shared.db import invariants, jobs, migrate, session, tokens
from shared.tasks import TaskSpec
from testing import copies
from testing.faults import functions

ROOT = Path(__file__).resolve().parents[2]
LAZY_SCHEDULER = "testing.faults.lazy_scheduler"
START_S = 120.0
TABLES = (
    "jobs, tasks, dependencies, results, journal, events, workers, ledger, runtimes, provider_jobs,"
    " log_lines, qec_blocks"
)
SPEC: dict[str, Any] = {
    "kind": "pure_classical", "name": "fault", "backend": "auto", "shots": None, "noise": None,
    "mitigation": [], "seed": 0, "priority": 0, "timeout_s": None, "cache": False, "max_retries": 3,
    "depends_on": [], "budget": None, "granularity": "auto", "function": "noop", "arguments": {}, "map": None,
}  # fmt: skip
Answer = TypeVar("Answer")


class Rig:
    """One PostgreSQL, one Redis, and the schedulers and workers of a scenario.

    Args:
        data: an empty folder.
        lease_s: lease of the tasks; target times are stated in leases.
        fsync: whether PostgreSQL waits for the disk: killing processes loses nothing without it.
        quick: whether processes start faster than in installations: schedulers as copies of one, and without
            preloading what tasks or requests may need.
    """

    def __init__(self, data: Path, *, lease_s: float, fsync: bool, quick: bool = False) -> None:
        self.lease_s = lease_s
        self.quick = quick
        self._data = data
        settings = {"max_wal_size": "256MB", "shared_buffers": "64MB"} | (
            {} if fsync else {"fsync": "off", "full_page_writes": "off"}
        )
        postgres, broker = Postgres(data, "faults", settings), Redis(data, ports.choose(), durable=False)
        postgres.create()
        self.database_url, self.redis_url = postgres.url, broker.url
        self._postgres_server = postgres
        self.postgres = Child(postgres.service(), data, "faults", bound=True)
        self.redis = Child(broker.service(), data, "faults", bound=True)
        self._processes: list[Child] = []
        self._connection: session.Connection | None = None
        self._n_paths = 0
        functions.offer(data / "functions")
        self.ensure()
        migrate.upgrade(self.database_url)
        self.token = self.again(lambda connection: tokens.create(
            connection, name="faults", role="admin", tenant="faults"
        ))  # fmt: skip
        self.tenant_id = int(self.value("SELECT id FROM tenants WHERE name = 'faults'"))

    def ensure(self) -> None:
        """Start the servers that are not running."""
        for child in (self.postgres, self.redis):
            if child.pid is None or child.ended() is not None:
                child.start()
                child.wait_ready(START_S)

    def close(self) -> None:
        """Stop everything."""
        self.end_processes()
        self.forget_connection()
        self.redis.stop()
        self.postgres.stop()
        self._postgres_server.forget()

    @property
    def folder(self) -> Path:
        """The folder with all files of the servers and processes."""
        return self._data

    def reset(self) -> None:
        """Stop all schedulers and workers, and delete their data."""
        self.end_processes()
        self.ensure()
        self.execute(f"TRUNCATE {TABLES}")
        self.flush()

    def end_processes(self) -> None:
        """Stop all schedulers and workers."""
        for child in self._processes:
            child.kill()
        self._processes.clear()

    def flush(self) -> None:
        """Flush Redis."""
        with self.broker() as client:
            client.flushall()

    @contextmanager
    def broker(self) -> Iterator[redis.Redis]:
        """Yield a Redis client."""
        with redis.Redis.from_url(self.redis_url, decode_responses=True) as client:
            yield client

    def scheduler(self, **variables: str) -> Scheduler:
        """Start `python -m scheduler` and wait until it responds and leads, or waits to lead."""
        found = Scheduler(self, ports.choose(), variables)
        self._processes.append(found.child)
        self.until(lambda: ports.accepts(found.port), "the scheduler answers")
        return found

    def worker(
        self, queue: str = "cpu-sim", *, slots: int = 2, redis_url: str = "", prefix: tuple[str, ...] = (),
        **variables: str,
    ) -> Child:  # fmt: skip
        """Start a worker and wait until it is registered; `prefix` is a program that runs it."""
        child = self.start_worker(queue, slots=slots, redis_url=redis_url, prefix=prefix, **variables)
        self.await_worker(child)
        return child

    def start_worker(
        self, queue: str = "cpu-sim", *, slots: int = 2, redis_url: str = "", prefix: tuple[str, ...] = (),
        **variables: str,
    ) -> Child:  # fmt: skip
        """Start a worker without waiting for it."""
        program = "testing.faults.lazy_worker" if self.quick else "workers"
        child = self._child(
            f"worker-{queue}-{len(self._processes)}",
            ("-m", program, "--queue", queue, "--concurrency", str(slots)),
            {"NOVACRON_REDIS_URL": redis_url or self.redis_url} | variables,
            prefix,
        )
        self._processes.append(child)
        return child

    def await_worker(self, child: Child) -> None:
        """Wait until a worker is registered."""
        self.until(lambda: self.rows("SELECT 1 FROM workers WHERE pid = %s", child.pid), "a worker is there")

    def python(self, name: str, *arguments: str) -> Child:
        """Start another program of this project."""
        child = self._child(f"{name}-{len(self._processes)}", arguments, {})
        self._processes.append(child)
        return child

    def postgres_processes(self) -> list[psutil.Process]:
        """Return the server and its backends."""
        return self._postgres_server.processes()

    def forget_connection(self) -> None:
        """Reconnect for the next query."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _child(
        self, name: str, arguments: tuple[str, ...], variables: dict[str, str], prefix: tuple[str, ...] = (),
        kind: type[Child] = Child,
    ) -> Child:  # fmt: skip
        environment = {
            "NOVACRON_DATABASE_URL": self.database_url, "NOVACRON_REDIS_URL": self.redis_url,
            "NOVACRON_LEASE_S": str(self.lease_s), "PYTHONPATH": str(self._data / "functions"),
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }  # fmt: skip
        service = Service(name, (*prefix, sys.executable, *arguments), ROOT, environment | variables)
        child = kind(service, self._data, "faults", bound=True)
        child.start()
        return child

    def again(self, call: Callable[[session.Connection], Answer]) -> Answer:
        """Call with a connection, retrying once on a new one if PostgreSQL was killed."""
        deadline = time.monotonic() + START_S
        while True:
            try:
                self._connection = self._connection or session.connect(self.database_url, name="rig")
                return call(self._connection)
            except psycopg.OperationalError:
                self.forget_connection()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def execute(self, *statements: str) -> None:
        """Execute statements."""
        for statement in statements:
            self.again(partial(_execute, statement.encode()))

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.again(lambda connection: connection.execute(query.encode(), arguments).fetchall())

    def value(self, query: str, *arguments: Any) -> Any:
        """Return the one value of a query."""
        return self.rows(query, *arguments)[0][0]

    def until(
        self, holds: Callable[[], Any], what: str, timeout_s: float = START_S, every_s: float = 0.02
    ) -> float:
        """Wait until a condition holds; return the seconds waited.

        Raises:
            TimeoutError: it did not.
        """
        begin = time.monotonic()
        while not holds():
            if time.monotonic() - begin > timeout_s:
                raise TimeoutError(f"not within {timeout_s:g} s: {what}")
            time.sleep(every_s)
        return time.monotonic() - begin

    def traces(self) -> Path:
        """Return a new file for the traces of functions."""
        self._n_paths += 1
        return self._data / f"traces-{self._n_paths}"

    def submit(self, tasks: Sequence[TaskSpec], *, shape: str = "", **spec: Any) -> str:
        """Accept a job with these tasks, as the API does; jobs of one shape share an estimate."""
        job = jobs.NewJob(self.tenant_id, SPEC | spec)
        self.again(
            lambda connection: jobs.insert(
                connection, job, jobs.Plan(tasks, {"shape": shape} if shape else {})
            )
        )
        return job.job_id

    def calls(
        self, function: str, count: int, *, queue: str = "cpu-sim", cost_s: float = 0.05, **arguments: Any
    ) -> str:
        """Submit a job of `count` calls of a function, gathered if there are several; call i has seed i."""
        tasks = [TaskSpec("classical", queue, {"index": k}, cost_s=cost_s) for k in range(count)]
        if count > 1:
            tasks.append(TaskSpec("gather", queue, after=tuple(range(count))))
        return self.submit(tasks, function=function, arguments=arguments, map=[{}] * count)

    def unfinished(self) -> int:
        """Count jobs that have not ended."""
        return int(self.value("SELECT count(*) FROM jobs WHERE finished_at IS NULL"))

    def finish(self, timeout_s: float = START_S) -> float:
        """Wait until every job has ended; return the seconds waited."""
        return self.until(lambda: not self.unfinished(), "all jobs ended", timeout_s)

    def broken(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the violated invariants."""
        return self.again(lambda connection: invariants.violations(connection, lease_s=self.lease_s))


def _execute(statement: bytes, connection: session.Connection) -> None:
    connection.execute(statement)


class CopiedScheduler(Child):
    """A scheduler's process, forked from one that has imported everything already."""

    def _started(self, output: int) -> subprocess.Popen[bytes]:
        origin = copies.origin(LAZY_SCHEDULER, self._environment)
        return copies.Copy(origin, self._environment, self.service.folder, output, bound=True)  # type: ignore[return-value]


class Scheduler:
    """A scheduler and its API."""

    def __init__(self, rig: Rig, port: int, variables: dict[str, str]) -> None:
        self.port = port
        program, kind = (LAZY_SCHEDULER, CopiedScheduler) if rig.quick else ("scheduler", Child)
        variables = {"NOVACRON_PORT": str(port)} | variables
        self.child = rig._child(f"scheduler-{port}", ("-m", program), variables, kind=kind)
        self.url = f"http://{ports.LOOPBACK}:{port}"


@contextmanager
def rig(folder: Path, *, lease_s: float, fsync: bool, quick: bool = False) -> Iterator[Rig]:
    """Yield a rig in a new folder, both removed at the end."""
    made = Rig(folder, lease_s=lease_s, fsync=fsync, quick=quick)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def address(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or ports.LOOPBACK, parts.port or 6379


def pids(child: Child) -> list[int]:
    """Return a process and its forked children."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(child.pid)
        return [parent.pid, *(process.pid for process in parent.children(recursive=True))]
    return []


def signal_all(child: Child, number: int) -> None:
    """Signal a process and all its forked children."""
    for pid in pids(child):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
