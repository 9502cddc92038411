"""A scheduler and workers of a device queue, with the remote test server as their provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scheduler.embedded.child import Child
from testing import plain_http
from testing.faults.rig import Rig, signal_all
from testing.faults.rig import rig as running
from testing.remote import running as remote
from testing.remote.backend import TIMEOUT_S, URL

QUEUE = "qpu-ibm"
BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
SHOTS = 200
LEASE_S = 4.0


class Stack:
    """Running processes, and jobs on the provider's devices.

    Attributes:
        rig: the servers and processes.
        server: the provider.
        worker: the worker of the queue.
        http: a client of the API.
    """

    def __init__(self, rig: Rig, server: remote.Server, *, slots: int) -> None:
        self.rig, self.server, self._slots = rig, server, slots
        headers = {"Authorization": f"Bearer {rig.token}"}
        self.http = plain_http.client(rig.scheduler().url, headers=headers)
        self.worker = self.start_worker()

    def start_worker(self) -> Child:
        """Start a worker, which replaces the previous one."""
        self.worker = self.rig.worker(QUEUE, slots=self._slots, **self.variables())
        return self.worker

    def variables(self) -> dict[str, Any]:
        """Return the environment variables with which a worker reaches the provider."""
        return {URL: self.server.url, TIMEOUT_S: "3"}

    def kill_worker(self, number: int) -> None:
        """Signal the worker and all its children."""
        signal_all(self.worker, number)

    @staticmethod
    def spec(device: str, **changes: Any) -> dict[str, Any]:
        """Return the spec of a circuit job on a device."""
        circuit = {"circuit": {"qasm": BELL}, "shots": SHOTS, "backend": f"remote:{device}", "cache": False}
        return {"kind": "pure_quantum", **circuit, **changes}

    def submit(self, device: str, **changes: Any) -> str:
        """Submit such a job; return its id."""
        answer = self.http.post("/api/quantum/jobs", json=self.spec(device, **changes))
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["job_id"])

    def ended(self, job_id: str) -> dict[str, Any]:
        """Return the job, once it has ended."""
        self.rig.until(lambda: self.job(job_id)["status"] in ("completed", "failed", "cancelled"), job_id)
        return self.job(job_id)

    def job(self, job_id: str) -> dict[str, Any]:
        """Return the job as shown by the API."""
        found: dict[str, Any] = self.http.get(f"/api/quantum/jobs/{job_id}").json()
        return found

    def cancel(self, job_id: str) -> None:
        """Cancel it."""
        self.http.delete(f"/api/quantum/jobs/{job_id}").raise_for_status()

    def result(self, job_id: str) -> dict[str, Any]:
        """Return its result."""
        found = self.ended(job_id)
        assert found["status"] == "completed", found
        row: dict[str, Any] = self.rig.value("SELECT result FROM jobs WHERE id = %s", job_id)
        return row

    def told(self, job_id: str, kind: str) -> list[dict[str, Any]]:
        """Return the bodies of its events of one kind."""
        query = "SELECT body FROM events WHERE job_id = %s AND type = %s ORDER BY id"
        return [row[0] for row in self.rig.rows(query, job_id, kind)]

    def causes(self, job_id: str) -> list[str]:
        """Return why its tasks were made ready again."""
        return [body.get("cause", "") for body in self.told(job_id, "task") if body["to"] == "ready"]

    def at_provider(self, device: str) -> dict[str, Any]:
        """Return the newest job of a device, once there is one."""
        self.rig.until(lambda: self.server.jobs(device), f"{device} has a job")
        return self.server.jobs(device)[-1]

    def snoozed(self, job_id: str) -> str:
        """Wait until its task snoozes with the provider's id; return the id."""
        query = "SELECT payload ->> 'provider_job' FROM tasks WHERE job_id = %s AND state = 'ready'"
        self.rig.until(lambda: any(row[0] for row in self.rig.rows(query, job_id)), f"{job_id} sleeps")
        return str(self.server_id(job_id))

    def server_id(self, job_id: str) -> str | None:
        """Return the provider's id in the row."""
        rows = self.rig.rows("SELECT provider_job FROM provider_jobs WHERE job_id = %s", job_id)
        return rows[0][0] if rows else None

    def accepted(self, job_id: str) -> int:
        """Return how often the provider accepted work of the job."""
        counted = self.server.told()["accepted"]
        return int(sum(n for tag, n in counted.items() if tag.startswith(job_id)))

    def closed(self) -> None:
        """Wait until no provider job is left to be cancelled, and check all invariants."""
        query = "SELECT count(*) FROM provider_jobs WHERE closed_at IS NULL"
        self.rig.until(lambda: not self.rig.value(query), "all rows are closed")
        assert self.rig.broken() == {}


@contextmanager
def stack(folder: Path, *, slots: int) -> Iterator[Stack]:
    """Yield the whole stack in a new folder, removed at the end."""
    with remote.server(folder) as server, running(folder / "rig", lease_s=LEASE_S, fsync=False) as rig:
        remote.install(folder / "rig" / "functions")
        made = Stack(rig, server, slots=slots)
        yield made
        made.http.close()
