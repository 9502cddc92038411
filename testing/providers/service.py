"""What stand-ins have in common: jobs that proceed, faults on demand, and the control interface."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import psutil
from numpy.typing import NDArray
from qiskit_aer import AerSimulator

HANGING_S = 3600.0
ENDED = ("done", "failed", "cancelled")


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
        unit: of the costs that are stated.
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
    unit: str = "usd"


@dataclass
class Job:
    """A job of the service: `state` is `queued`, `running`, `done`, `failed` or `cancelled`."""

    id: str
    body: dict[str, Any]
    tag: str
    accepted_at: float
    state: str = "queued"
    reason: str = ""
    code: int | None = None


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

    def read(self, body: dict[str, Any]) -> str:
        """Return the tag of a submission, after checking it."""
        raise NotImplementedError

    def used_s(self, job: Job) -> float:
        """Return the seconds of the device that a job is charged for."""
        raise NotImplementedError

    def accept(self, body: dict[str, Any]) -> Job:
        """Put a job into the queue."""
        job = Job(f"d{len(self.jobs) + 1:019d}", body, self.read(body), time.time())
        self.jobs[job.id] = job
        self.accepted[job.tag] += 1
        return job

    def cancel(self, job: Job) -> bool:
        """Cancel a job; return False if it has ended."""
        if job.state in ENDED:
            return False
        self.cancelled.append(job.id)
        job.state, job.reason = "cancelled", "cancelled by user"
        return True

    def proceed(self) -> None:
        """Move jobs on that are due."""
        behaviour = self.behaviour
        for job in self.jobs.values():
            if job.state in ENDED or behaviour.hold:
                continue
            job.state = "running"
            if time.time() - job.accepted_at < behaviour.run_s:
                continue
            if behaviour.too_long:
                job.state, job.reason, job.code = "cancelled", "Ran too long", 1305
            elif behaviour.break_with:
                job.state, job.reason, job.code = "failed", behaviour.break_with, 9999
            else:
                job.state = "done"


class Handler(BaseHTTPRequestHandler):
    """One connection. Control interface: `PUT /control` with fields of `Behaviour`, `GET /control`."""

    protocol_version = "HTTP/1.1"
    service: Any

    def handle(self) -> None:
        """Serve a connection until it is closed, also by a killed requester."""
        with suppress(ConnectionError):
            super().handle()

    def api(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        """Answer a request of the service's interface."""
        raise NotImplementedError

    def error(self, status: int, message: str) -> Any:
        """Return the body of an error."""
        raise NotImplementedError

    def handle_one(self, method: str) -> None:
        """Answer a request."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.service.lock:
            if parts.path == "/control":
                return self._control(body)
            self.service.asked[f"{method} {re.sub(r'd[0-9]{19}', 'ID', parts.path)}"] += 1
            injected = self._injected(method, parts.path)
            hangs = self._hangs(parts.path)
        if injected is not None:
            return self.answer(injected[2], self.error(injected[2], "injected"), injected[4])
        if hangs:
            return time.sleep(HANGING_S)
        return self.api(method, parts.path, parse_qs(parts.query), body)

    def submit(self, body: bytes) -> Job | None:
        """Accept a job; None if its answer is to be lost."""
        with self.service.lock:
            self.kill("submit")
            job: Job = self.service.accept(json.loads(body))
            self.kill("accepted")
            if self._take("lose"):
                self.close_connection = True
                return None
        return job

    def _injected(self, method: str, path: str) -> list[Any] | None:
        one: list[Any]
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

    def kill(self, point: str) -> None:
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
        jobs = [
            vars(job) | {"used_s": service.used_s(job), "limit_s": job.body.get("cost"), "body": None}
            for job in service.jobs.values()
        ]
        told = {"accepted": service.accepted, "cancelled": service.cancelled, "asked": service.asked}
        self.answer(200, told | {"jobs": jobs, "raw_keys": service.raw_keys})

    def answer(self, status: int, value: Any = None, headers: dict[str, str] | None = None) -> None:
        """Send a response with a JSON body."""
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


def bits(circuit: Any, shots: int) -> NDArray[np.bool_]:
    """Return the classical bits of each shot on Qiskit Aer without noise, bit 0 first."""
    ran = AerSimulator().run(circuit, shots=shots, memory=True, seed_simulator=7).result()
    rows = [line.replace(" ", "")[::-1] for line in ran.get_memory()]
    return np.array([[letter == "1" for letter in row] for row in rows], dtype=np.bool_)


def serve(handler: type[Handler], address: Path) -> None:
    """Write the address to a file, and serve until a signal ends the process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    complete = address.with_suffix(".new")
    complete.write_text(f"http://127.0.0.1:{server.server_port}")
    complete.rename(address)
    server.serve_forever()
