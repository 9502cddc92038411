"""Requests of the client and their retries, independent of I/O.

A flow is a generator: it yields requests, receives the responses, and returns their meaning. `Connections`
runs it over sockets and `AsyncClient` over asyncio, so that every retry rule exists once.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from novacron._transport import http
from novacron._transport.http import Request, Response, segment
from novacron._transport.stream import ENDED
from novacron.errors import Conflict, StillRunning, TooBusy, Unreachable

if TYPE_CHECKING:
    from novacron.answers.algorithm import Algorithms
    from novacron.answers.explanation import Explanation
    from novacron.answers.readiness import Readiness

T = TypeVar("T")
Flow: TypeAlias = Generator[Request, Response, T]
Document: TypeAlias = dict[str, Any]

JOBS = "/api/quantum/jobs"
CONNECT_S = 3.0
OUTAGE_S = 60.0
POLL_S = 30.0
SWEEP_S = 600.0
PAGE = 200


def call(
    request: Request, patience_s: float = CONNECT_S, read: Callable[[Response], Any] = http.decode
) -> Flow[Any]:
    """Send a request until it is answered; every request of this client is idempotent.

    Args:
        request: what to send.
        patience_s: how long to retry while the scheduler does not answer, in seconds; "too busy" responses
            are retried for a minute, no sooner than their Retry-After.
        read: decodes the response.
    """
    began, attempt = monotonic(), 0
    while True:
        try:
            response = yield request
            if response.status not in (429, 503):
                return read(response)
            failure: Exception = http.problem(response)
            limit_s = OUTAGE_S
        except Unreachable as error:
            failure, limit_s = error, patience_s
        wait_s = _pause_s(attempt, failure)
        if monotonic() - began + wait_s > limit_s:
            raise failure
        request, attempt = replace(request, delay_s=wait_s), attempt + 1


def _pause_s(attempt: int, failure: Exception) -> float:
    asked_s = failure.retry_after_s if isinstance(failure, TooBusy) else 0.0
    backoff_s: float = min(0.1 * 2**attempt, 5.0)
    return asked_s + backoff_s * random.uniform(0.5, 1.0)


def submit(spec: Mapping[str, Any], key: str | None = None) -> Flow[Document]:
    """Create a job; return its document."""
    request = http.post(JOBS, spec, key or idempotency_key())
    return call(_patient(request) if spec.get("kind") == "sweep" else request)


def submit_many(specs: Sequence[Mapping[str, Any]]) -> Flow[list[Document]]:
    """Create jobs, all or none; return their documents in order."""
    request = _patient(http.post(f"{JOBS}/batch", {"jobs": list(specs)}, idempotency_key()))
    return [document for document in (yield from call(request))["jobs"]]


def run(spec: Mapping[str, Any], timeout_s: float | None = None) -> Flow[Document]:
    """Create a job; return its document once it has ended, which the same request waits for.

    Raises:
        StillRunning: it has not ended within `timeout_s`.
    """
    began = monotonic()
    poll_s = POLL_S if timeout_s is None else min(POLL_S, timeout_s)
    request = http.post(f"{JOBS}?wait_s={poll_s:.3g}", spec, idempotency_key())
    limit_s = SWEEP_S if spec.get("kind") == "sweep" else http.ANSWER_S
    document: Document = yield from call(replace(request, timeout_s=poll_s + limit_s))
    if document["status"] in ENDED:
        return document
    left_s = None if timeout_s is None else max(0.0, timeout_s - (monotonic() - began))
    return (yield from wait(document["job_id"], left_s))


def _patient(request: Request) -> Request:
    """Return the request with the time that accepting the largest sweep may take on a busy machine."""
    return replace(request, timeout_s=SWEEP_S)


def job(job_id: str) -> Flow[Document]:
    """Return a job's document."""
    return call(http.get(f"{JOBS}/{segment(job_id)}"))


def wait(job_id: str, timeout_s: float | None = None) -> Flow[Document]:
    """Return a job's document once it has ended; retry for up to a minute while the scheduler is unavailable.

    Raises:
        StillRunning: it has not ended within `timeout_s`.
    """
    deadline = None if timeout_s is None else monotonic() + timeout_s
    delay_s = 0.0
    while True:
        poll_s = POLL_S if deadline is None else max(0.0, min(POLL_S, deadline - monotonic()))
        asked = monotonic()
        query = {"wait_s": f"{poll_s:.3g}"}
        request = http.get(f"{JOBS}/{segment(job_id)}", query, timeout_s=poll_s + http.ANSWER_S)
        document: Document = yield from call(replace(request, delay_s=delay_s), OUTAGE_S)
        if document["status"] in ENDED:
            return document
        if deadline is not None and monotonic() >= deadline:
            raise StillRunning(job_id, document["status"])
        # A wait that was cut short, by a proxy for instance, must not become a busy loop.
        delay_s = 0.0 if monotonic() - asked > poll_s / 2 else 0.2


def cancel(job_id: str, reason: str | None = None) -> Flow[Document]:
    """Cancel a job, with a reason that its document then contains; return its document.

    Raises:
        Conflict: it had already ended, other than by cancellation.
    """
    try:
        document: Document = yield from call(http.delete(f"{JOBS}/{segment(job_id)}", {"reason": reason}))
    except Conflict:
        # The response to an earlier attempt may have been lost after it took effect.
        document = yield from job(job_id)
        if document["status"] != "cancelled":
            raise
    return document


def replay(job_id: str) -> Flow[Document]:
    """Run a job again without the cache; return the new job's document."""
    return call(http.post(f"{JOBS}/{segment(job_id)}/replay", {}, idempotency_key()))


def extend(sweep: str, over: Mapping[str, object]) -> Flow[Document]:
    """Submit a sweep with further values; return the new sweep's document."""
    return call(_patient(http.post(f"{JOBS}/{segment(sweep)}/extend", {"over": over}, idempotency_key())))


def retry(job_id: str) -> Flow[Document]:
    """Submit a failed job, or the failed jobs of a sweep, again; return the new job's document."""
    return call(_patient(http.post(f"{JOBS}/{segment(job_id)}/retry", {}, idempotency_key())))


def circuit(job_id: str, form: str) -> Flow[bytes]:
    """Return a completed job's circuit with its parameters bound, as `qasm3` text or `qpy`."""
    path = f"{JOBS}/{segment(job_id)}/circuit"
    return call(http.get(path, {"format": form}), OUTAGE_S, read=http.content)


def listed(
    path: str, name: str, limit: int, after: object = None, /, **query: object
) -> Flow[list[Document]]:
    """Return at most `limit` rows of a listing, fetching as many pages as needed."""
    found: list[Document] = []
    while True:
        page = yield from call(
            http.get(path, {**query, "limit": min(limit - len(found), PAGE), "after": after})
        )
        found += page[name]
        after = page.get("next")
        if after is None or not page[name] or len(found) >= limit:
            return found[:limit]


def jobs(limit: int = 50, **wanted: object) -> Flow[list[Document]]:
    """Return the newest jobs, newest first, at most `limit` of them, fetching as many pages as needed."""
    return listed(JOBS, "jobs", limit, **wanted)


def tag(job_id: str, tags: Sequence[str]) -> Flow[Document]:
    """Replace the tags of a job; return its document."""
    return call(http.patch(f"{JOBS}/{segment(job_id)}", {"tags": list(tags)}))


def explain(spec: Mapping[str, Any]) -> Flow[Explanation]:
    """Return how a job would run: tasks, placement, reasons, and the estimate. Nothing is submitted."""
    from novacron.answers.explanation import Explanation

    return Explanation((yield from call(http.post("/api/quantum/explain", spec))))


def algorithms() -> Flow[Algorithms]:
    """Return the available cryptographic algorithms."""
    from novacron.answers.algorithm import Algorithms

    return Algorithms((yield from call(http.get("/api/crypto/algorithms"))))


def version() -> Flow[str]:
    """Return the scheduler's version."""
    health = yield from call(http.get("/healthz"))
    if "version" not in health:  # schedulers of earlier versions state it in their OpenAPI description only
        return str((yield from call(http.get("/openapi.json")))["info"]["version"])
    return str(health["version"])


def readiness() -> Flow[Readiness]:
    """Return whether the scheduler is ready, and what is missing if not; without retries."""
    from novacron.answers.readiness import Readiness

    response = yield http.get("/readyz")
    if response.status not in (200, 503):
        raise http.problem(response)
    try:
        document = json.loads(response.body)
    except ValueError:
        document = {}
    return Readiness({"ready": response.status == 200} | (document if isinstance(document, dict) else {}))


def given(wanted: Mapping[str, object]) -> dict[str, object]:
    """Return the entries that are not None."""
    return {name: value for name, value in wanted.items() if value is not None}


def idempotency_key() -> str:
    """Draw an idempotency key: the server performs a request once, however often it is sent."""
    return os.urandom(16).hex()
