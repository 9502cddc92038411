"""A stand-in of IBM's service on loopback: tokens, devices, executor jobs, metrics, and faults on demand.

It decodes the programs of jobs as `ibm-quantum-schemas` defines them, and runs their circuits on Qiskit Aer
without noise. Configurations and properties are the snapshots of `qiskit-ibm-runtime`.

python -m testing.providers.ibm FILE    # writes its address to FILE and serves until terminated
"""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import numpy as np
from ibm_quantum_schemas.common import CompressedTensorModel
from ibm_quantum_schemas.executor.version_2_0 import ParamsModel, models

from testing.providers import service
from testing.providers.service import Job, bits

KEY = "stand-in-key-7f3a91"
"""The API key that it accepts."""
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/account:instance::"
DEVICES = ("manila", "kingston")
TOKEN_S = 3600
SHOT_S, JOB_S = 0.35e-3, 2.0
"""What it charges for a shot of a circuit, and for a job."""
WORDS = {
    "queued": "Queued", "running": "Running", "done": "Completed", "failed": "Failed",
    "cancelled": "Cancelled",
}  # fmt: skip


class Service(service.Service):
    """Executor jobs."""

    def read(self, body: dict[str, Any]) -> str:
        """Return the tag of a submission; a payload that is not an executor program is an error."""
        assert body["program_id"] == "executor", body["program_id"]
        assert ParamsModel.model_validate(body["params"]).quantum_program.shots
        (tag,) = body["tags"]
        return str(tag)

    def used_s(self, job: Job) -> float:
        """Return the seconds of the device that a job is charged for."""
        if job.state != "done":
            return 0.0
        program = _program(job)
        n_circuits = sum(int(np.prod(item.circuit_arguments.shape[:-1])) for item in program.items)
        return JOB_S + n_circuits * int(program.shots) * SHOT_S

    def results(self, job: Job) -> dict[str, Any]:
        """Run the circuits of a job."""
        program = _program(job)
        circuits = program.circuits.to_python()
        data = []
        for item, circuit in zip(program.items, circuits, strict=True):
            arguments = item.circuit_arguments.to_numpy()
            n_rows = int(np.prod(arguments.shape[:-1]))
            rows = arguments.reshape(n_rows, arguments.shape[-1])
            bound = [circuit.assign_parameters(row) if row.size else circuit for row in rows]
            shots = [bits(one, program.shots) for one in bound]
            results = {
                register.name: CompressedTensorModel.from_numpy(
                    np.stack(
                        [one[:, [circuit.find_bit(b).index for b in register]] for one in shots]
                    ).reshape(*arguments.shape[:-1], program.shots, register.size)
                )
                for register in circuit.cregs
            }
            data.append(
                models.QuantumProgramResultItemModel(results=results, metadata=models.ItemMetadataModel())
            )
        metadata = models.MetadataModel(chunk_timing=[])
        made = models.QuantumProgramResultModel(
            data=data, metadata=metadata, passthrough_data=program.passthrough_data
        )
        found: dict[str, Any] = made.model_dump(mode="json")
        return found


def _program(job: Job) -> Any:
    return ParamsModel.model_validate(job.body["params"]).quantum_program


def _shown(job: Job) -> dict[str, Any]:
    state: dict[str, Any] = {"status": WORDS[job.state]}
    if job.reason:
        state |= {"reason": job.reason, "reason_code": job.code}
    return {
        "id": job.id, "backend": job.body["backend"], "status": state["status"], "state": state,
        "tags": [job.tag], "program": {"id": job.body["program_id"]},
        "created": datetime.fromtimestamp(job.accepted_at, UTC).isoformat(),
    }  # fmt: skip


def snapshot(device: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the configuration and the properties of a device."""
    spec = find_spec("qiskit_ibm_runtime")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "fake_provider" / "backends" / device
    found = [json.loads(next(folder.glob(f"{kind}_*.json")).read_text()) for kind in ("conf", "props")]
    for one in found:
        one["backend_name"] = f"ibm_{device}"
    return found[0], found[1]


class Handler(service.Handler):
    """One connection."""

    def error(self, status: int, message: str) -> Any:
        """Return the body of an error."""
        return {"errors": [{"code": status, "message": message}]}

    def api(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        """Answer a request of the identity service or of the API."""
        said = self.headers.get("Authorization") or ""
        self.service.raw_keys += said.startswith("apikey")
        if path == "/identity/token":
            return self._token(body)
        if not said.startswith("Bearer ey") or self.service.behaviour.revoked:
            return self.answer(401, self.error(401, "not authorized"))
        return self._runtime(method, path.removeprefix("/api/v1"), query, body)

    def _runtime(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        names = [f"ibm_{one}" for one in DEVICES if one not in self.service.behaviour.retired]
        if path == "/backends":
            return self.answer(200, {"devices": [{"name": name} for name in names]})
        if found := re.fullmatch(r"/backends/ibm_(\w+)/(configuration|properties|status)", path):
            return self._device(found[1], found[2])
        if path == "/instances/usage":
            reached = self.service.behaviour.limit_reached
            told = {"usage_limit_seconds": 600, "usage_limit_reached": reached}
            return self.answer(200, told | {"usage_remaining_seconds": 0 if reached else 590})
        if path == "/jobs":
            if method == "GET":
                return self._list(query)
            job = self.submit(body)
            return None if job is None else self.answer(200, {"id": job.id, "backend": job.body["backend"]})
        if found := re.fullmatch(r"/jobs/(\w+)(/\w+)?", path):
            return self._job(found[1], found[2] or "")
        return self.answer(404, self.error(404, f"no route {path}"))

    def _device(self, name: str, what: str) -> None:
        if name not in DEVICES or name in self.service.behaviour.retired:
            return self.answer(404, self.error(404, "no such backend"))
        if what == "status":
            offline = self.service.behaviour.offline
            waiting = sum(job.state == "queued" for job in self.service.jobs.values())
            told = {"state": not offline, "status": "maintenance" if offline else "active"}
            return self.answer(200, told | {"length_queue": waiting, "backend_version": "1.0"})
        return self.answer(200, snapshot(name)[what == "properties"])

    def _list(self, query: dict[str, list[str]]) -> None:
        with self.service.lock:
            self.service.proceed()
            wanted = {*query.get("tags", [])}
            shown = [_shown(job) for job in self.service.jobs.values() if wanted <= {job.tag}]
        if query.get("sort") != ["ASC"]:
            shown.reverse()
        most = int(query.get("limit", ["20"])[0])
        return self.answer(200, {"jobs": shown[:most], "count": len(shown)})

    def _job(self, name: str, what: str) -> None:
        with self.service.lock:
            self.service.proceed()
            job = self.service.jobs.get(name)
            if job is None:
                return self.answer(404, self.error(404, "job not found"))
            if what == "/cancel":
                is_cancelled = self.service.cancel(job)
                return self.answer(204) if is_cancelled else self.answer(409, self.error(409, "has ended"))
            if what == "/metrics":
                usage = {"quantum_seconds": self.service.used_s(job), "status": WORDS[job.state]}
                return self.answer(200, {"usage": usage, "timestamps": {}})
            self.kill("results" if what == "/results" else "poll")
        return self.answer(200, self.service.results(job) if what == "/results" else _shown(job))

    def _token(self, body: bytes) -> None:
        status = self.service.behaviour.identity
        if status != 200:
            return self.answer(status, {"errorCode": "BXNIM0500E", "errorMessage": "is unavailable"})
        if parse_qs(body.decode()).get("apikey") != [KEY]:
            message = "Provided API key could not be found."
            return self.answer(400, {"errorCode": "BXNIM0415E", "errorMessage": message})
        now = int(time.time())
        claims = {"iat": now, "exp": now + TOKEN_S, "sub": "stand-in"}
        access = jwt.encode(claims, "k" * 32, algorithm="HS256")
        told = {"access_token": access, "refresh_token": "r", "token_type": "Bearer", "expires_in": TOKEN_S}
        return self.answer(200, told | {"expiration": now + TOKEN_S})


if __name__ == "__main__":
    Handler.service = Service()
    service.serve(Handler, Path(sys.argv[1]))
