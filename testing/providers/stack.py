"""A scheduler and workers of a device queue, with the stand-in of a provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from testing.faults.rig import Rig
from testing.faults.rig import rig as running
from testing.providers.running import Server, server
from testing.remote import stack as remote

BELL = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;'
SHOTS = 200
LEASE_S = 4.0
DEVICES = {"ibm": "ibm:ibm_manila", "ionq": "ionq:qpu.forte-1"}
"""The device that tests use, by provider."""


class Stack(remote.Stack):
    """Running processes, and jobs on a provider's device.

    Attributes:
        standing: the stand-in.
    """

    def __init__(
        self, rig: Rig, standing: Server, *, slots: int, settings: dict[str, str] | None = None
    ) -> None:
        self.standing = standing
        self._settings: dict[str, str] = settings or {}
        super().__init__(rig, standing, slots=slots)  # type: ignore[arg-type]

    def variables(self) -> dict[str, Any]:
        """Return the environment variables with which a worker reaches the stand-in."""
        return {**self.standing.variables, **self._settings}

    def circuit(self, **changes: Any) -> str:
        """Submit a circuit job, or another by changes; return its id."""
        told = {"circuit": {"qasm": BELL}, "shots": SHOTS, "cache": False}
        job = {"kind": "pure_quantum", "backend": DEVICES[self.standing.name], **told, **changes}
        job = {name: value for name, value in job.items() if value is not None}
        answer = self.http.post("/api/quantum/jobs", json=job)
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["job_id"])

    def accepted(self, job_id: str) -> int:
        """Return how often the provider accepted work of the job."""
        counted = self.standing.told()["accepted"]
        return int(sum(n for tag, n in counted.items() if tag.startswith(job_id)))


@contextmanager
def stack(name: str, folder: Path, *, slots: int = 1, **settings: str) -> Iterator[Stack]:
    """Yield the whole stack in a new folder, removed at the end; settings are the worker's."""
    with server(name, folder) as standing, running(folder / "rig", lease_s=LEASE_S, fsync=False) as rig:
        made = Stack(rig, standing, slots=slots, settings=settings)
        yield made
        made.http.close()
