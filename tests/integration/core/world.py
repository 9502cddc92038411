"""A database in the hands of one scheduler and one worker: every state change, called as they call it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from shared.db import claims, completion, dispatch, jobs, session, workers
from shared.db.claims import Claim
from shared.db.completion import Finished, Freed
from shared.db.jobs import NewJob, Plan
from shared.failures import Failure
from shared.queues import QUEUES
from shared.states import FailureClass
from shared.tasks import TaskSpec
from testing.patience import eventually

TABLES = (
    "jobs", "tasks", "dependencies", "results", "journal", "events", "workers", "ledger", "runtimes",
    "provider_jobs", "watches", "watched_devices", "qec_blocks", "qpu_ledger", "log_lines", "keyed_requests",
    "tokens", "tenants",
)  # fmt: skip
SPEC: dict[str, Any] = {
    "kind": "pure_classical", "name": None, "backend": "auto", "shots": None, "noise": None, "mitigation": [],
    "seed": 0, "priority": 0, "timeout_s": None, "cache": True, "max_retries": 3, "depends_on": [],
    "budget": None, "granularity": "auto", "function": "noop", "arguments": {}, "map": None,
}  # fmt: skip
HOLDABLE = """
SELECT id, attempt, job_id, operation, payload, has_inputs, final, cost_s, memory_bytes, failures,
  tenant_id
FROM tasks WHERE id = %s
"""
LEASE_S = 30.0
ME = "me/1"


def node(*after: int, queue: str = "cpu-sim", cost_s: float = 0.001, **more: Any) -> TaskSpec:
    """A task that does nothing, after the given ones."""
    return TaskSpec("noop", queue, after=after, cost_s=cost_s, **more)


class World:
    """Rows of one database; `connection` commits each statement, as those of the server do."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opened: list[session.Connection] = []
        self.connection = self.another()
        self.empty()

    def empty(self) -> None:
        """Forget everything."""
        self.connection.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE".encode())
        self.tenant("one")

    def another(self) -> session.Connection:
        """One more connection, closed at the end of the test."""
        self._opened.append(session.connect(self.url, name="tests", durable=False))
        return self._opened[-1]

    def close(self) -> None:
        """Close all connections."""
        for connection in self._opened:
            connection.close()

    def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        return self.connection.execute(query.encode(), arguments).fetchall()

    def is_gone(self, other: session.Connection) -> bool:
        """Whether PostgreSQL has ended the session of another connection."""
        return not self.rows("SELECT FROM pg_stat_activity WHERE pid = %s", other.info.backend_pid)

    def value(self, query: str, *arguments: Any) -> Any:
        """The one value a query finds."""
        return self.rows(query, *arguments)[0][0]

    def tenant(self, name: str, weight: float = 1.0) -> int:
        """The id of a tenant, made if new."""
        self.connection.execute(
            "INSERT INTO tenants (name, weight) VALUES (%s, %s) ON CONFLICT (name) DO NOTHING", (name, weight)
        )
        return int(self.value("SELECT id FROM tenants WHERE name = %s", name))

    def job(
        self, tasks: Sequence[TaskSpec] | None, *, tenant: str = "one", spec: dict[str, Any] | None = None,
        shape: str = "", cached: Any = None, connection: session.Connection | None = None,
        warnings: Sequence[str] = (), **fields: Any,
    ) -> str:  # fmt: skip
        """Submit; `tasks` None leaves the job unplanned."""
        new = NewJob(self.tenant(tenant), SPEC | (spec or {}), **fields)
        facts: jobs.Facts = {}
        if shape:
            facts["shape"] = shape
        if warnings:
            facts["warnings"] = list(warnings)
        plan = None if tasks is None else Plan(tasks, facts)
        job_id = jobs.insert(connection or self.connection, new, plan, cached=cached)
        assert job_id is not None
        return job_id

    def ids(self, job_id: str) -> list[int]:
        """Its tasks, in order."""
        return [row[0] for row in self.rows("SELECT id FROM tasks WHERE job_id = %s ORDER BY id", job_id)]

    def states(self, job_id: str) -> list[str]:
        """The states of its tasks, in order."""
        return [row[0] for row in self.rows("SELECT state FROM tasks WHERE job_id = %s ORDER BY id", job_id)]

    def status(self, job_id: str) -> str:
        """The state of a job."""
        return str(self.value("SELECT state FROM jobs WHERE id = %s", job_id))

    def events(self, job_id: str) -> list[tuple[str, dict[str, Any]]]:
        """All its events, oldest first."""
        query = "SELECT type, body FROM events WHERE job_id = %s ORDER BY id"
        return [(row[0], row[1]) for row in self.rows(query, job_id)]

    def moves(self, job_id: str) -> list[tuple[str, str]]:
        """The moves of its tasks told in events, one for each task."""
        told = [body for kind, body in self.events(job_id) if kind == "task"]
        return [(body["from"], body["to"]) for body in told for _ in body["tasks"]]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of all tables, to see that nothing changed."""
        return {name: self.rows(f"SELECT t::text FROM {name} t ORDER BY 1") for name in TABLES}

    def serve(
        self, queue: str = "cpu-sim", slots: int = 10_000, worker: str = "host:1", extras: Sequence[str] = ()
    ) -> None:
        """Announce a worker that counts as alive for the whole test, however long it takes."""
        workers.announce(self.connection, worker, queue=queue, host="host", pid=1, slots=slots, extras=extras)
        lasting = "UPDATE workers SET seen_at = seen_at + interval '1 hour' WHERE id = %s"
        self.connection.execute(lasting.encode(), (worker,))

    def take(self, limit: int = 100_000) -> list[dispatch.Ready]:
        """Ready -> queued, as the dispatcher does."""
        return dispatch.take(self.connection, QUEUES.values(), limit=limit)

    def claim(self, worker: str = ME, lease_s: float = LEASE_S, n: int | None = None) -> list[Claim]:
        """Take what is ready, and claim it, or the first n of it."""
        self.serve()
        self.take()
        queued = self.rows("SELECT id, attempt FROM tasks WHERE state = 'queued' ORDER BY id LIMIT %s", n)
        pairs = [(task, attempt) for task, attempt in queued]
        return claims.claim(self.connection, pairs, worker=worker, lease_s=lease_s) if pairs else []

    def finish(
        self, held: Sequence[Claim], value: Any = 1, *, worker: str = ME,
        connection: session.Connection | None = None, **options: Any,
    ) -> Freed:  # fmt: skip
        """Record held tasks as completed, all with the same value."""
        finished = [Finished.of(claim, value) for claim in held]
        return completion.finish(
            connection or self.connection,
            finished,
            worker=worker,
            queue="cpu-sim",
            lease_s=LEASE_S,
            **options,
        )

    def drive(self, job_id: str, *, worker: str = ME) -> None:
        """Run a job to its end."""
        while held := self.claim(worker=worker):
            self.finish(held, worker=worker)
        assert self.status(job_id) == "completed"

    def evaluations(self, job_id: str, *values: float) -> None:
        """Journal these values of a job's first loop."""
        self.connection.execute(
            "INSERT INTO journal (job_id, loop, position, point, value)"
            " SELECT %s, 0, n, '{}', value FROM unnest(%s::float8[]) WITH ORDINALITY AS v(value, n)",
            (job_id, list(values)),
        )

    def held_in(self, state: str) -> Claim:
        """A task in that state, as `ME` held it, or would if it got it."""
        job_id = self.job([node(), node(0)])
        first, second = self.ids(job_id)
        if state not in ("blocked", "ready"):
            self.serve()
            self.take()
        if state not in ("blocked", "ready", "queued"):
            [held] = claims.claim(self.connection, [(first, 1)], worker=ME, lease_s=LEASE_S)
            if state == "completed":
                self.finish([held])
            if state == "failed":
                claims.fail(self.connection, held, worker=ME, failure=Failure(FailureClass.USER, "wrong"))
            if state == "cancelled":
                jobs.cancel(self.connection, job_id)
        task_id = second if state == "blocked" else first
        fields = self.rows(HOLDABLE, task_id)[0]
        assert self.value("SELECT state FROM tasks WHERE id = %s", task_id) == state
        return Claim(*fields)

    def at_once(self, *calls: Callable[[session.Connection], Any]) -> list[Any]:
        """Run the calls in threads that start together, each with a connection; their answers, in order."""
        start = Barrier(len(calls))
        connections = [self.another() for _ in calls]

        def run(call: Callable[[session.Connection], Any], connection: session.Connection) -> Any:
            start.wait()
            return call(connection)

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls, connections))

    def until_waiting(self, connection: session.Connection) -> None:
        """Return when the statement under way on the connection waits for a lock."""
        query = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
        eventually(lambda: self.value(query, connection.info.backend_pid))
