"""A stand-in of IBM's service on loopback: tokens, devices, executor jobs, metrics, and faults on demand.

It decodes the programs of jobs as `ibm-quantum-schemas` defines them, and runs their circuits on Qiskit Aer
without noise. Configurations and properties are the snapshots of `qiskit-ibm-runtime`.

python -m testing.providers.ibm FILE    # writes its address to FILE and serves until terminated
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import numpy as np
import psutil
from ibm_quantum_schemas.common import CompressedTensorModel
from ibm_quantum_schemas.executor.version_2_0 import ParamsModel, models
from numpy.typing import NDArray
from qiskit_aer import AerSimulator

KEY = "stand-in-key-7f3a91"
"""The API key that it accepts."""
INSTANCE = "crn:v1:bluemix:public:quantum-computing:us-east:a/account:instance::"
DEVICES = ("manila", "kingston")
TOKEN_S = 3600
HANGING_S = 3600.0
SHOT_S, JOB_S = 0.35e-3, 2.0
"""What it charges for a shot of a circuit, and for a job."""


@dataclass
class Behaviour:
    """Settings of the service; counters decrease with each use.

    Attributes:
        run_s: run time of each job.
        hold: whether jobs stay in the queue.
        fail: answers to inject: [method, pattern of the path, status, number of times, headers].
        lose: number of submissions that are accepted, but whose connection is closed without a response.
        hang: number of requests that match `hanging` and are never answered.
        hanging: pattern of their path.
        break_with: why jobs fail, empty if they do not.
        too_long: whether jobs are cancelled since they ran too long.
        kill: where the requester is killed, once: on `submit` (before acceptance), once it is `accepted`
            (before the response), on `poll`, on `results`.
        limit_reached: whether the instance has no time left.
        revoked: whether access tokens are rejected.
        identity: status of the identity service.
        offline: whether devices accept no jobs.
        retired: devices that are no longer listed.
    """

    run_s: float = 0.0
    hold: bool = False
    fail: list[list[Any]] = field(default_factory=list)
    lose: int = 0
    hang: int = 0
    hanging: str = ""
    break_with: str = ""
    too_long: bool = False
    kill: str = ""
    limit_reached: bool = False
    revoked: bool = False
    identity: int = 200
    offline: bool = False
    retired: list[str] = field(default_factory=list)


@dataclass
class Job:
    """A job of the service."""

    id: str
    body: dict[str, Any]
    accepted_at: float
    status: str = "Queued"
    reason: str = ""
    code: int | None = None

    @cached_property
    def params(self) -> ParamsModel:
        """The program and its options, decoded."""
        found: ParamsModel = ParamsModel.model_validate(self.body["params"])
        return found

    @property
    def used_s(self) -> float:
        """Seconds of the device that it is charged for."""
        if self.status != "Completed":
            return 0.0
        shapes = [item.circuit_arguments.shape[:-1] for item in self.params.quantum_program.items]
        n_circuits = sum(int(np.prod(shape)) for shape in shapes)
        return JOB_S + n_circuits * int(self.params.quantum_program.shots) * SHOT_S

    def shown(self) -> dict[str, Any]:
        """Return its representation."""
        state: dict[str, Any] = {"status": self.status}
        if self.reason:
            state |= {"reason": self.reason, "reason_code": self.code}
        return {
            "id": self.id, "backend": self.body["backend"], "status": self.status, "state": state,
            "tags": self.body.get("tags", []), "program": {"id": self.body["program_id"]},
            "created": datetime.fromtimestamp(self.accepted_at, UTC).isoformat(),
        }  # fmt: skip


class Service:
    """Jobs, behaviour, and request counts."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.behaviour = Behaviour()
        self.jobs: dict[str, Job] = {}
        self.accepted: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.cancelled: list[str] = []
        self.raw_keys = 0

    def accept(self, body: dict[str, Any]) -> Job:
        """Put a job into the queue; a payload that is not an executor program is rejected."""
        assert body["program_id"] == "executor", body["program_id"]
        job = Job(f"d{len(self.jobs) + 1:019d}", body, time.time())
        assert job.params.quantum_program.shots
        self.jobs[job.id] = job
        self.accepted.update(body.get("tags", []))
        return job

    def proceed(self) -> None:
        """Move jobs on that are due."""
        behaviour = self.behaviour
        for job in self.jobs.values():
            if job.status not in ("Queued", "Running") or behaviour.hold:
                continue
            job.status = "Running"
            if time.time() - job.accepted_at < behaviour.run_s:
                continue
            if behaviour.too_long:
                job.status, job.reason, job.code = "Cancelled", "Ran too long", 1305
            elif behaviour.break_with:
                job.status, job.reason, job.code = "Failed", behaviour.break_with, 9999
            else:
                job.status = "Completed"

    def results(self, job: Job) -> dict[str, Any]:
        """Run the circuits of a job."""
        program = job.params.quantum_program
        circuits = program.circuits.to_python()
        data = []
        for item, circuit in zip(program.items, circuits, strict=True):
            arguments = item.circuit_arguments.to_numpy()
            n_rows = int(np.prod(arguments.shape[:-1]))
            rows = arguments.reshape(n_rows, arguments.shape[-1])
            bound = [circuit.assign_parameters(row) if row.size else circuit for row in rows]
            bits = [_bits(one, program.shots) for one in bound]
            results = {
                register.name: CompressedTensorModel.from_numpy(
                    np.stack([one[:, [circuit.find_bit(b).index for b in register]] for one in bits]).reshape(
                        *arguments.shape[:-1], program.shots, register.size
                    )
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


def _bits(circuit: Any, shots: int) -> NDArray[np.bool_]:
    """Return the classical bits of each shot, bit 0 first."""
    ran = AerSimulator().run(circuit, shots=shots, memory=True, seed_simulator=7).result()
    rows = [line.replace(" ", "")[::-1] for line in ran.get_memory()]
    return np.array([[letter == "1" for letter in row] for row in rows], dtype=np.bool_)


def snapshot(device: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the configuration and the properties of a device."""
    spec = find_spec("qiskit_ibm_runtime")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "fake_provider" / "backends" / device
    found = [json.loads(next(folder.glob(f"{kind}_*.json")).read_text()) for kind in ("conf", "props")]
    for one in found:
        one["backend_name"] = f"ibm_{device}"
    return found[0], found[1]


class Handler(BaseHTTPRequestHandler):
    """One connection. Control interface: `PUT /control` with fields of `Behaviour`, `GET /control`."""

    protocol_version = "HTTP/1.1"
    service: Service

    def handle(self) -> None:
        """Serve a connection until it is closed, also by a killed requester."""
        with suppress(ConnectionError):
            super().handle()

    def handle_one(self, method: str) -> None:
        """Answer a request."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.service.lock:
            if parts.path == "/control":
                return self._control(body)
            self.service.asked[f"{method} {re.sub(r'd[0-9]{19}', 'ID', parts.path)}"] += 1
            self.service.raw_keys += (self.headers.get("Authorization") or "").startswith("apikey")
            injected = self._injected(method, parts.path)
            hangs = self._hangs(parts.path)
        if injected is not None:
            return self._answer(injected[2], _error(injected[2], "injected"), injected[4])
        if hangs:
            return time.sleep(HANGING_S)
        if parts.path == "/identity/token":
            return self._token(body)
        if not self._authorized():
            return self._answer(401, _error(401, "not authorized"))
        return self._api(method, parts.path.removeprefix("/api/v1"), parse_qs(parts.query), body)

    def _api(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        service = self.service
        names = [f"ibm_{one}" for one in DEVICES if one not in service.behaviour.retired]
        if path == "/backends":
            return self._answer(200, {"devices": [{"name": name} for name in names]})
        if found := re.fullmatch(r"/backends/ibm_(\w+)/(configuration|properties|status)", path):
            return self._device(found[1], found[2])
        if path == "/instances/usage":
            reached = service.behaviour.limit_reached
            told = {"usage_limit_seconds": 600, "usage_limit_reached": reached}
            return self._answer(200, told | {"usage_remaining_seconds": 0 if reached else 590})
        if path == "/jobs":
            return self._submit(body) if method == "POST" else self._list(query)
        if found := re.fullmatch(r"/jobs/(\w+)(/\w+)?", path):
            return self._job(method, found[1], found[2] or "")
        return self._answer(404, _error(404, f"no route {path}"))

    def _device(self, name: str, what: str) -> None:
        if name not in DEVICES or name in self.service.behaviour.retired:
            return self._answer(404, _error(404, "no such backend"))
        if what == "status":
            offline = self.service.behaviour.offline
            waiting = sum(job.status == "Queued" for job in self.service.jobs.values())
            told = {"state": not offline, "status": "maintenance" if offline else "active"}
            return self._answer(200, told | {"length_queue": waiting, "backend_version": "1.0"})
        return self._answer(200, snapshot(name)[what == "properties"])

    def _submit(self, body: bytes) -> None:
        with self.service.lock:
            self._kill("submit")
            job = self.service.accept(json.loads(body))
            self._kill("accepted")
            if self._take("lose"):
                self.close_connection = True
                return None
        return self._answer(200, {"id": job.id, "backend": job.body["backend"]})

    def _list(self, query: dict[str, list[str]]) -> None:
        with self.service.lock:
            self.service.proceed()
            wanted = query.get("tags", [])
            found = [job for job in self.service.jobs.values() if {*wanted} <= {*job.body.get("tags", [])}]
            shown = [job.shown() for job in found]
        if query.get("sort") != ["ASC"]:
            shown.reverse()
        most = int(query.get("limit", ["20"])[0])
        return self._answer(200, {"jobs": shown[:most], "count": len(shown)})

    def _job(self, method: str, name: str, what: str) -> None:
        service = self.service
        with service.lock:
            service.proceed()
            job = service.jobs.get(name)
            if job is None:
                return self._answer(404, _error(404, "job not found"))
            if what == "/cancel":
                if job.status in ("Completed", "Failed", "Cancelled"):
                    return self._answer(409, _error(409, "job has ended"))
                service.cancelled.append(name)
                job.status, job.reason, job.code = "Cancelled", "cancelled by user", None
                return self._answer(204)
            if what == "/metrics":
                usage = {"quantum_seconds": job.used_s, "status": job.status}
                return self._answer(200, {"usage": usage, "timestamps": {}})
            self._kill("results" if what == "/results" else "poll")
        return self._answer(200, service.results(job) if what == "/results" else job.shown())

    def _token(self, body: bytes) -> None:
        status = self.service.behaviour.identity
        if status != 200:
            return self._answer(status, {"errorCode": "BXNIM0500E", "errorMessage": "is unavailable"})
        if parse_qs(body.decode()).get("apikey") != [KEY]:
            message = "Provided API key could not be found."
            return self._answer(400, {"errorCode": "BXNIM0415E", "errorMessage": message})
        now = int(time.time())
        claims = {"iat": now, "exp": now + TOKEN_S, "sub": "stand-in"}
        access = jwt.encode(claims, "k" * 32, algorithm="HS256")
        told = {"access_token": access, "refresh_token": "r", "token_type": "Bearer", "expires_in": TOKEN_S}
        return self._answer(200, told | {"expiration": now + TOKEN_S})

    def _authorized(self) -> bool:
        said = self.headers.get("Authorization") or ""
        return said.startswith("Bearer ey") and not self.service.behaviour.revoked

    def _injected(self, method: str, path: str) -> list[Any] | None:
        for one in self.service.behaviour.fail:
            if one[0] == method and re.search(one[1], path) and one[3] > 0:
                one[3] -= 1
                return one
        return None

    def _hangs(self, path: str) -> bool:
        pattern = self.service.behaviour.hanging
        return bool(pattern) and re.search(pattern, path) is not None and self._take("hang")

    def _take(self, name: str) -> bool:
        left: int = getattr(self.service.behaviour, name)
        setattr(self.service.behaviour, name, max(0, left - 1))
        return left > 0

    def _kill(self, point: str) -> None:
        """Kill the requester if that is due: the process at the other end of the connection."""
        if self.service.behaviour.kill != point:
            return
        self.service.behaviour.kill = ""
        port = self.client_address[1]
        for one in psutil.net_connections("tcp"):
            if one.laddr and one.laddr.port == port and one.pid not in (None, os.getpid()):
                os.kill(one.pid, signal.SIGKILL)

    def _control(self, body: bytes) -> None:
        service = self.service
        for name, value in (json.loads(body) if body else {}).items():
            setattr(service.behaviour, name, value)
        service.proceed()
        jobs = [job.shown() | {"used_s": job.used_s} for job in service.jobs.values()]
        told = {"accepted": service.accepted, "cancelled": service.cancelled, "asked": service.asked}
        self._answer(200, told | {"jobs": jobs, "raw_keys": service.raw_keys})

    def _answer(self, status: int, value: Any = None, headers: dict[str, str] | None = None) -> None:
        text = b"" if value is None else json.dumps(value).encode()
        try:
            self.send_response(status)
            for name, said in (headers or {}).items():
                self.send_header(name, said)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except ConnectionError:  # the requester was killed
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Do nothing: requests are not logged."""

    def do_GET(self) -> None:
        """Answer."""
        self.handle_one("GET")

    def do_POST(self) -> None:
        """Answer."""
        self.handle_one("POST")

    def do_PUT(self) -> None:
        """Answer."""
        self.handle_one("PUT")


def _error(status: int, message: str) -> dict[str, Any]:
    return {"errors": [{"code": status, "message": message}]}


def main(address: Path) -> None:
    """Serve until a signal ends the process."""
    Handler.service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    complete = address.with_suffix(".new")
    complete.write_text(f"http://127.0.0.1:{server.server_port}")
    complete.rename(address)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
