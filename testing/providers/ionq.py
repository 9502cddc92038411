"""A stand-in of IonQ's service on loopback, after its OpenAPI document (v0.4, 2 September 2026).

Circuits in JSON run on Qiskit Aer without noise. A job of several circuits has a child for each of them.

python -m testing.providers.ionq FILE    # writes its address to FILE and serves until terminated
"""

from __future__ import annotations

import re
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

from qiskit import QuantumCircuit

from testing.providers import service
from testing.providers.service import Job, bits

KEY = "stand-in-key-2b8e04"
"""The API key that it accepts."""
DEVICE, N_QUBITS, MOST_QUBITS = "qpu.forte-1", 6, 64
MEASURED = "617a1f8b-59d4-435d-aa33-695433d7155e"
SHOTS = "ionq.result.shots.json.v2"
SHOT_S, SHOT_USD = 0.01, 0.005
WORDS = {
    "queued": "ready",
    "running": "started",
    "done": "completed",
    "failed": "failed",
    "cancelled": "canceled",
}
NULLS = (
    *("project_id", "parent_job_id", "session_id", "started_at", "completed_at", "predicted_wait_time_ms"),
    *("predicted_execution_duration_ms", "child_job_ids"),
)


class Service(service.Service):
    """Multi-circuit jobs."""

    def read(self, body: dict[str, Any]) -> str:
        """Return the tag of a submission; another payload than a multi-circuit job is an error."""
        assert body["type"] == "ionq.multi-circuit.v1" and 1 <= body["shots"] <= 1_000_000, body
        assert all(isinstance(value, str) for value in body["metadata"].values()), body["metadata"]
        return str(body["metadata"]["tag"])

    def used_s(self, job: Job) -> float:
        """Return the seconds of the device that a job is charged for."""
        n_circuits = len(job.body["input"]["circuits"])
        return n_circuits * int(job.body["shots"]) * SHOT_S if job.state == "done" else 0.0


def _qiskit(circuit: dict[str, Any]) -> QuantumCircuit:
    places = circuit["registers"]["bits"]
    made = QuantumCircuit(circuit["qubits"], len(places))
    for one in circuit["circuit"]:
        match one["gate"]:
            case "cnot":
                made.cx(one["control"], one["target"])
            case "rx" | "ry" | "rz" as name:
                getattr(made, name)(one["rotation"], one["target"])
            case name:
                getattr(made, name)(one["target"])
    for bit, qubit in enumerate(places):
        if qubit is not None:
            made.measure(qubit, bit)
    return made


def _shown(job: Job, used_s: float) -> dict[str, Any]:
    failure = {"code": "QuantumComputerError", "message": job.reason} if job.state == "failed" else None
    children = [f"{job.id}-{n}" for n in range(len(job.body["input"]["circuits"]))]
    told = {
        "id": job.id, "status": WORDS[job.state], "type": job.body["type"], "backend": job.body["backend"],
        "dry_run": False, "submitter_id": "me", "metadata": job.body["metadata"], "name": job.body["name"],
        "submitted_at": "2026-12-01T00:00:00Z", "execution_duration_ms": round(1e3 * used_s),
        "shots": job.body["shots"], "failure": failure, "results": {},
        **{name: {} for name in ("settings", "stats", "output")},
    }  # fmt: skip
    return dict.fromkeys(NULLS) | told | ({"child_job_ids": children} if job.state == "done" else {})


class Handler(service.Handler):
    """One connection."""

    def error(self, status: int, message: str) -> Any:
        """Return the body of an error."""
        return {"statusCode": status, "error": "Error", "message": message}

    def api(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        """Answer a request."""
        path = path.removeprefix("/v0.4")
        if path == "/backends":
            return self.answer(200, self._backends())
        if self.headers.get("Authorization") != f"apiKey {KEY}" or self.service.behaviour.revoked:
            return self.answer(401, self.error(401, "not authorized"))
        if re.fullmatch(r"/backends/[\w.-]+/characterizations/[\w-]+", path):
            return self.answer(200, _characterization())
        if path == "/jobs/estimate":
            shots = int(query["shots"][0])
            return self.answer(200, _estimate(query["backend"][0], shots, self.service.behaviour.unit))
        if path == "/jobs":
            return self._jobs(method, body)
        found = re.fullmatch(r"/jobs/(d\d{19})(?:-(\d+))?(/[\w./-]+)?", path)
        if found is None:
            return self.answer(404, self.error(404, f"no route {path}"))
        return self._job(found[1], found[2], found[3] or "")

    def _backends(self) -> list[dict[str, Any]]:
        behaviour = self.service.behaviour
        told = {
            "backend": DEVICE, "status": "unavailable" if behaviour.offline else "available",
            "qubits": N_QUBITS, "average_queue_time": 1181215, "last_updated": "2026-11-30T00:00:00Z",
            "characterization_id": MEASURED,
        }  # fmt: skip
        simulator = told | {"backend": "simulator", "qubits": 29}
        return [simulator] if DEVICE in behaviour.retired else [told, simulator]

    def _jobs(self, method: str, body: bytes) -> None:
        if method == "POST":
            job = self.submit(body)
            if job is not None:
                self.answer(201, {"id": job.id, "status": "ready", "session_id": None})
            return
        with self.service.lock:
            self.service.proceed()
            shown = [_shown(job, self.service.used_s(job)) for job in self.service.jobs.values()]
        for one in shown:
            del one["child_job_ids"]
        self.answer(200, {"jobs": shown[::-1], "next": None})

    def _job(self, name: str, child: str | None, what: str) -> None:
        with self.service.lock:
            self.service.proceed()
            job = self.service.jobs.get(name)
            if job is None:
                return self.answer(404, self.error(404, "no such job"))
            used_s = self.service.used_s(job)
            if what == "/status/cancel":
                self.service.cancel(job)
                return self.answer(200, {"id": name, "status": "canceled"})
            if what == "/cost":
                paid = {"value": used_s * SHOT_USD / SHOT_S, "unit": self.service.behaviour.unit}
                return self.answer(200, {"dry_run": False, "estimated_cost": paid, "cost": paid})
            self.kill("poll" if child is None else "results")
        if child is None:
            return self.answer(200, _shown(job, used_s))
        if what:
            return self.answer(200, self._shots(job, int(child)))
        artifact = {"id": "a", "format": SHOTS, "media_type": "application/json"}
        own = {"id": f"{name}-{child}", "type": "ionq.circuit.v1", "parent_job_id": name}
        told = _shown(job, used_s) | own | {"child_job_ids": None, "results": {SHOTS: artifact}}
        return self.answer(200, told)

    def _shots(self, job: Job, child: int) -> dict[str, Any]:
        rows = bits(_qiskit(job.body["input"]["circuits"][child]), job.body["shots"])
        return {"shots": [{"registers": {"bits": row}} for row in rows.astype(int).tolist()]}


def _estimate(backend: str, shots: int, unit: str) -> dict[str, Any]:
    return {
        "estimate_context": {"backend": backend, "shots": shots, "organization": None, "project": None},
        "estimated_at": "2026-12-01T00:00:00Z", "estimated_unit": unit, "rate_card": {"rates": [], "id": "1"},
        "estimated_total_cost": shots * SHOT_USD, "estimated_execution_time": round(1e3 * shots * SHOT_S),
        "current_predicted_queue_time": 1181215,
    }  # fmt: skip


def _characterization() -> dict[str, Any]:
    return {
        "id": MEASURED, "backend": DEVICE, "date": "2026-11-30T00:00:00Z", "qubits": N_QUBITS,
        "connectivity": [list(pair) for pair in combinations(range(N_QUBITS), 2)],
        "fidelity": {"spam": {"median": 0.9962}, "1q": {"median": 0.9998}, "2q": {"median": 0.995}},
        "timing": {"readout": 0.00015, "reset": 0.00005, "1q": 0.00013, "2q": 0.00097, "t1": 100, "t2": 1},
    }  # fmt: skip


if __name__ == "__main__":
    Handler.service = Service()
    service.serve(Handler, Path(sys.argv[1]))
