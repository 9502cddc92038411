"""A provider of devices on loopback, with a queue, which can be slow, fail, lose and forget jobs.

python -m testing.remote.server FILE    # writes its address to FILE and serves until terminated
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
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RETRY_AFTER_S = 0.1
HANGING_S = 3600.0
ENDED = ("done", "failed", "cancelled")


@dataclass
class Job:
    """A provider job."""

    id: str
    device: str
    tag: str
    circuits: list[dict[str, Any]]
    state: str = "queued"
    message: str = ""
    calibration: str = ""
    counts: list[dict[str, int]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Return its API representation."""
        told = ("id", "device", "tag", "state", "message", "calibration", "counts")
        return {name: getattr(self, name) for name in told} | {"retry_after_s": RETRY_AFTER_S}


@dataclass
class Device:
    """Behaviour of a device; counters decrease with each use.

    Attributes:
        slow_s: run time of each job.
        hold: whether its jobs stay in the queue.
        fail_submit: number of submissions answered with 503.
        fail_poll: number of polls answered with 503.
        lose: number of submissions that are accepted, but whose connection is closed without a response.
        hang: number of submissions that are accepted and never answered.
        refuse: why submissions are rejected, empty if they are not.
        break_with: why its jobs fail, empty if they do not.
        kill: where the requester is killed, once: on `search`, on `submit` (before acceptance), once it is
            `accepted` (before the response), on `poll`.
        calibration: id of the current one.
    """

    slow_s: float = 0.0
    hold: bool = False
    fail_submit: int = 0
    fail_poll: int = 0
    lose: int = 0
    hang: int = 0
    refuse: str = ""
    break_with: str = ""
    kill: str = ""
    calibration: str = ""


class Provider:
    """Devices, jobs, and request counts."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.jobs: dict[str, Job] = {}
        self.accepted: Counter[str] = Counter()
        self.cancelled: list[str] = []
        self.asked: Counter[str] = Counter()
        self._devices: dict[str, Device] = {}
        self._n_jobs = 0
        threading.Thread(target=self._serve_queue, daemon=True).start()

    def device(self, name: str) -> Device:
        """Return a device, creating it if needed."""
        return self._devices.setdefault(name, Device(calibration=f"{name}-1"))

    def accept(self, device: str, tag: str, circuits: list[dict[str, Any]]) -> Job:
        """Put a job into the queue."""
        self._n_jobs += 1
        job = Job(f"r{self._n_jobs}", device, tag, circuits)
        self.jobs[job.id] = job
        self.accepted[tag] += 1
        self.changed.notify_all()
        return job

    def cancel(self, job: Job) -> None:
        """Cancel a job that has not ended."""
        self.cancelled.append(job.id)
        if job.state not in ENDED:
            job.state, job.message = "cancelled", "was cancelled at the provider"
            self.changed.notify_all()

    def take(self, device: str, name: str) -> bool:
        """Return whether a counted fault is due."""
        left = getattr(self.device(device), name)
        setattr(self.device(device), name, max(0, left - 1))
        return bool(left)

    def _serve_queue(self) -> None:
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self._next() is not None)
                job = self._next()
                assert job is not None
                job.state = "running"
                device = self.device(job.device)
            threading.Thread(target=self._perform, args=(job, device), daemon=True).start()

    def _next(self) -> Job | None:
        waiting = (job for job in self.jobs.values() if job.state == "queued")
        return next((job for job in waiting if not self.device(job.device).hold), None)

    def _perform(self, job: Job, device: Device) -> None:
        time.sleep(device.slow_s)
        message = device.break_with
        try:
            counts = [] if message else [_counts(one) for one in job.circuits]
        except Exception as error:  # any error only fails this job
            counts, message = [], f"broke: {error!r}"
        with self.changed:
            if job.state == "running":
                job.state = "failed" if message else "done"
                job.message, job.counts, job.calibration = message, counts, device.calibration


def _counts(asked: dict[str, Any]) -> dict[str, int]:
    """Return the counts of a circuit, by the state-vector simulator."""
    from shared.circuits.validation import record_from_json
    from shared.quantum.wants import Want
    from workers.quantum.backends import load
    from workers.quantum.backends.batch import Batch, Pub
    from workers.quantum.backends.immediate import answers

    pub = Pub(record_from_json(asked["record"]))
    batch = Batch((pub,), frozenset({Want.COUNTS}), asked["shots"], seed=asked["seed"])
    (answer,) = answers(load("statevector"), batch)
    assert answer.counts is not None
    return dict(answer.counts.item())


class Handler(BaseHTTPRequestHandler):
    """One connection.

    Jobs: `POST` and `GET /devices/NAME/jobs[?tag=]`, `GET` and `DELETE /jobs/ID`. Control interface: `PUT
    /control/devices/NAME` with fields of `Device`, `DELETE /control/jobs/ID` to forget one, `GET /control`.
    """

    protocol_version = "HTTP/1.1"
    provider: Provider

    def do_GET(self) -> None:
        """Return jobs or request counts."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        with self.provider.changed:
            if path == "/control":
                return self._control()
            if found := re.fullmatch(r"/devices/([^/]+)/jobs", path):
                self._note(found[1], "search")
                tag = query.get("tag", [""])[0]
                mine = [job for job in self.provider.jobs.values() if job.tag == tag]
                return self._answer(200, [job.id for job in mine if job.state not in ("failed", "cancelled")])
            if (job := self._job(path)) is None:
                return None
            self._note(job.device, "poll")
            if self.provider.take(job.device, "fail_poll"):
                return self._answer(503, {"message": "is being maintained"})
            return self._answer(200, job.shown())

    def do_POST(self) -> None:
        """Submit a job."""
        device = self.path.split("/")[2]
        body = self._body()
        with self.provider.changed:
            self._note(device, "submit")
            if self.provider.take(device, "fail_submit"):
                return self._answer(503, {"message": "is being maintained"})
            if why := self.provider.device(device).refuse:
                return self._answer(422, {"message": why})
            job = self.provider.accept(device, body["tag"], body["circuits"])
            self._note(device, "accepted")
            if self.provider.take(device, "lose"):
                self.close_connection = True
                return None
            hangs = self.provider.take(device, "hang")
            if not hangs:
                return self._answer(202, job.shown())
        return time.sleep(HANGING_S)

    def do_PUT(self) -> None:
        """Change the behaviour of a device."""
        body = self._body()
        with self.provider.changed:
            device = self.provider.device(self.path.split("/")[3])
            for name, value in body.items():
                setattr(device, name, value)
            self.provider.changed.notify_all()
            self._answer(200, vars(device))

    def do_DELETE(self) -> None:
        """Cancel or forget a job."""
        with self.provider.changed:
            if (job := self._job(self.path.removeprefix("/control"))) is None:
                return
            if self.path.startswith("/control"):
                del self.provider.jobs[job.id]
            else:
                self.provider.cancel(job)
            self._answer(200, job.shown())

    def _control(self) -> None:
        found = self.provider
        jobs = [job.shown() for job in found.jobs.values()]
        told = {"accepted": found.accepted, "cancelled": found.cancelled, "asked": found.asked, "jobs": jobs}
        self._answer(200, told)

    def _job(self, path: str) -> Job | None:
        found = self.provider.jobs.get(path.removeprefix("/jobs/"))
        if found is None:
            self._answer(404, {"message": f"there is no job {path.removeprefix('/jobs/')}"})
        return found

    def _note(self, device: str, point: str) -> None:
        """Count a request, and kill the requester if configured."""
        self.provider.asked[f"{device} {point}"] += 1
        if self.provider.device(device).kill == point:
            self.provider.device(device).kill = ""
            os.kill(int(self.headers["X-Process"]), signal.SIGKILL)

    def _body(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status: int, value: Any) -> None:
        text = json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except ConnectionError:  # the requester was killed
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Do nothing: requests are not logged."""


def main(address: Path) -> None:
    """Serve until a signal ends the process."""
    Handler.provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    complete = address.with_suffix(".new")
    complete.write_text(f"http://127.0.0.1:{server.server_port}")
    complete.rename(address)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
