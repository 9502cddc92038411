"""A small scheduler on a real socket, which can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

ENDED = ("completed", "failed", "cancelled")
TOKEN = "secret-token"


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Scheduler:
    """Jobs and events in memory; `faults` are used up one per request, before it is served or after."""

    url: str = ""
    token: str = TOKEN
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    refusal: tuple[int, dict[str, Any]] | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    outcome: str = "completed"
    without_worker: list[str] = field(default_factory=list)
    health: dict[str, str] = field(default_factory=lambda: {"status": "ok", "version": "0.1.0"})
    log: list[dict[str, Any]] = field(default_factory=list)
    cut_stream_after: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def requests(self, method: str, path: str = "") -> list[Seen]:
        return [one for one in self.seen if one.method == method and path in one.path]

    def add(self, spec: dict[str, Any], **fields: Any) -> dict[str, Any]:
        job_id = f"job-{len(self.jobs) + 1}"
        self.jobs[job_id] = {
            "job_id": job_id,
            "kind": spec.get("kind", "pure_classical"),
            "name": spec.get("name"),
            "status": "queued",
            "progress": 0.0,
            "error_message": None,
            "error": None,
            "created_at": "2026-01-02T03:04:05+00:00",
            "backend": "statevector",
            "tasks": {"total": 1, "done": 0, "running": 0},
            "spec": spec,
            "result": None,
            **fields,
        }
        self.events[job_id] = [event("job", status="queued", cause="submitted")]
        return self.jobs[job_id]

    def end(self, job: dict[str, Any]) -> None:
        if job["status"] in ENDED:
            return
        job["status"] = self.outcome
        if self.outcome == "completed":
            job["result"], job["progress"] = (self.results.pop(0) if self.results else {"energy": -1.0}), 1.0
        else:
            job["error_message"] = "matrix is singular"
            job["error"] = {"class": "user", "message": "matrix is singular", "task": 1}
        self.events[job["job_id"]].append(event("job", status=self.outcome, cause="done"))


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "data": {**data, "at": "2026-01-02T03:04:05+00:00"}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scheduler: Scheduler

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, parts.path, query, headers, body)
        with self.scheduler.lock:
            self.scheduler.seen.append(seen)
            fault = self.scheduler.faults.pop(0) if self.scheduler.faults else ""
        if fault == "drop":
            return self._drop()
        if fault.isdecimal():
            return self._problem(int(fault), "try later", {"Retry-After": "0"})
        if fault.startswith("wait:"):
            return self._problem(429, "queue full", {"Retry-After": fault.removeprefix("wait:")})
        if parts.path in ("/healthz", "/openapi.json", "/readyz"):
            return self._of_server(parts.path)
        if headers.get("authorization") != f"Bearer {self.scheduler.token}":
            return self._problem(401, "the token is not known")
        if self.scheduler.refusal:
            status, document = self.scheduler.refusal
            return self._answer(status, document)
        with self.scheduler.lock:
            reply = self._route(seen)
        if fault == "lose answer":
            return self._drop()
        return reply()

    def _route(self, seen: Seen) -> Callable[[], None]:
        scheduler, parts = self.scheduler, seen.path.strip("/").split("/")
        if seen.path == "/api/quantum/backends":
            backend = {
                "name": "statevector",
                "queue": "cpu-sim",
                "available": True,
                "why": "",
                "max_qubits": 24,
            }
            return lambda: self._answer(200, {"backends": [backend]})
        if seen.path == "/api/workers":
            return lambda: self._answer(200, {"workers": [], "queues": []})
        if seen.path == "/api/tokens":
            return lambda: self._answer(
                201, {"token": "shown-once", "token_id": "tok_1", "tenant": "t", **seen.body}
            )
        if seen.path == "/api/quantum/explain":
            return lambda: self._answer(200, {"kind": seen.body["kind"], "granularity": "fused", "tasks": []})
        if seen.path == "/api/quantum/jobs" and seen.method == "GET":
            return self._list(seen)
        if seen.path == "/api/quantum/jobs":
            key = seen.headers["idempotency-key"]
            if key not in scheduler.by_key:
                scheduler.by_key[key] = scheduler.add(seen.body)["job_id"]
            job = scheduler.jobs[scheduler.by_key[key]]
            if "wait_s" in seen.query and scheduler.outcome in ENDED:
                scheduler.end(job)
            document = dict(job)
            return lambda: self._answer(202, document)
        if parts[3] not in scheduler.jobs:
            return lambda: self._problem(404, f"there is no job {parts[3]}")
        return self._of_job(seen, scheduler.jobs[parts[3]], parts[4:])

    def _of_server(self, path: str) -> None:
        missing = self.scheduler.without_worker
        if path == "/healthz":
            return self._answer(200, self.scheduler.health)
        if path == "/openapi.json":
            return self._answer(200, {"info": {"version": "0.1.0"}})
        document = {"ready": not missing, "queues_without_worker": missing}
        return self._answer(503 if missing else 200, document)

    def _list(self, seen: Seen) -> Callable[[], None]:
        found = [
            j
            for j in reversed(self.scheduler.jobs.values())
            if seen.query.get("status") in (None, j["status"])
        ]
        ids = [job["job_id"] for job in found]
        start = ids.index(seen.query["after"]) + 1 if "after" in seen.query else 0
        page = found[start : start + min(int(seen.query["limit"]), 3)]
        more = page[-1]["job_id"] if page and start + len(page) < len(found) else None
        return lambda: self._answer(200, {"jobs": page, "next": more})

    def _of_job(self, seen: Seen, job: dict[str, Any], rest: list[str]) -> Callable[[], None]:
        scheduler = self.scheduler
        if rest == ["events"]:
            return lambda: self._stream(seen, job)
        if rest == ["logs"]:
            return lambda: self._answer(200, self._log(seen, job))
        if rest == ["replay"]:
            again = dict(scheduler.add(job["spec"], replay_of=job["job_id"]))
            return lambda: self._answer(202, again)
        if seen.method == "DELETE":
            if job["status"] in ENDED:
                return lambda: self._problem(409, f"job {job['job_id']} has {job['status']} already")
            job["status"] = "cancelled"
        elif "wait_s" in seen.query and scheduler.outcome in ENDED:
            scheduler.end(job)
        document = dict(job)
        return lambda: self._answer(200, document)

    def _log(self, seen: Seen, job: dict[str, Any]) -> dict[str, Any]:
        """At most two lines a page; one comes, and then the job ends, whenever all have been read."""
        log, ended = self.scheduler.log, job["status"] in ENDED
        page = [line for line in log if line["number"] > int(seen.query["after"])][:2]
        if not page and not ended:
            log.append({**log[-1], "number": len(log) + 1, "event": "the last"})
            self.scheduler.end(job)
        return {"lines": page, "next": page[-1]["number"] if len(page) == 2 else None, "ended": ended}

    def _stream(self, seen: Seen, job: dict[str, Any]) -> None:
        first = int(seen.query.get("from", 1))
        if "last-event-id" in seen.headers:
            first = int(seen.headers["last-event-id"]) + 1
        follow = seen.query.get("follow") == "true"
        cut = self.scheduler.cut_stream_after.pop(0) if self.scheduler.cut_stream_after else None
        if follow:
            self.scheduler.end(job)
        if follow and first > len(self.scheduler.events[job["job_id"]]):
            self.send_response(204)
            return self.end_headers()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(b": keep-alive\n\n")
        log = self.scheduler.events[job["job_id"]]
        # A repeated event, as a server that resumes too early would send it.
        for sent, ordinal in enumerate(range(max(1, first - 1), len(log) + 1)):
            one = log[ordinal - 1]
            text = f"id: {ordinal}\nevent: {one['kind']}\ndata: {json.dumps(one['data'])}\n\n".encode()
            if cut is not None and sent >= cut:
                self._chunk(text[: len(text) // 2])
                return self._drop()
            self._chunk(text)
        self._chunk(b"")
        return None

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _problem(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        self._answer(status, {"title": "refused", "status": status, "detail": detail}, headers)

    def _answer(self, status: int, document: object, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of what is tested."""


def serve(scheduler: Scheduler, port: int = 0) -> Server:
    """Serve on a port of its own, in a thread; `shutdown` and `server_close` end it."""
    server = Server(("127.0.0.1", port), type("Bound", (Handler,), {"scheduler": scheduler}))
    scheduler.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Scheduler]:
    """A scheduler that NOVACRON_URL and NOVACRON_TOKEN point at."""
    found = Scheduler()
    server = serve(found)
    monkeypatch.setenv("NOVACRON_URL", found.url)
    monkeypatch.setenv("NOVACRON_TOKEN", TOKEN)
    monkeypatch.setenv("NOVACRON_DATA", str(tmp_path / "stack"))
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def later() -> Iterator[Callable[[float, Callable[[], None]], None]]:
    """Run something after some seconds, in a thread that the test waits for."""
    threads: list[threading.Thread] = []

    def run(delay_s: float, action: Callable[[], None]) -> None:
        def body() -> None:
            time.sleep(delay_s)
            action()

        threads.append(threading.Thread(target=body))
        threads[-1].start()

    yield run
    for thread in threads:
        thread.join()
