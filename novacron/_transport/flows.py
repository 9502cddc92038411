"""What the client says to the scheduler and when it says it again, without sending anything itself.

A flow is a generator: it yields requests, is given the answers, and returns what they mean. `Connections`
runs it over sockets and `AsyncClient` over asyncio, so that every rule about retries stands here once.
"""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar

from novacron._transport import http
from novacron._transport.http import Request, Response, segment
from novacron._transport.stream import ENDED
from novacron.errors import Conflict, Forbidden, StillRunning, TooBusy, Unreachable

if TYPE_CHECKING:
    from novacron.crypto import PublicKey, Recipient

T = TypeVar("T")
Flow: TypeAlias = Generator[Request, Response, T]
Document: TypeAlias = dict[str, Any]

JOBS = "/api/quantum/jobs"
KEYS = "/api/crypto/keys"
CERTIFICATES = "/api/crypto/certificates"
AUDIT = "/api/crypto/audit"
INVENTORY = "/api/crypto/inventory"
CBOM = "/api/crypto/cbom"
MIGRATION = "/api/crypto/migration"
PLANS = f"{MIGRATION}/plans"
TOKENS = "/api/tokens"
TENANTS = "/api/tenants"
CONNECT_S = 3.0
OUTAGE_S = 60.0
POLL_S = 30.0
PAGE = 200


def call(
    request: Request, patience_s: float = CONNECT_S, read: Callable[[Response], Any] = http.decode
) -> Flow[Any]:
    """Send a request until it is answered; every request of this client may safely be sent twice.

    Args:
        request: what to send.
        patience_s: how long a scheduler that does not answer is borne; one that answers "too busy" is
            borne for a minute, and asked again no sooner than it said.
        read: what becomes of the answer.
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


def submit(spec: Mapping[str, Any], idempotency_key: str | None = None) -> Flow[Document]:
    """Create a job; return its document."""
    return call(http.post(JOBS, spec, idempotency_key or _key()))


def job(job_id: str) -> Flow[Document]:
    """Return a job's document."""
    return call(http.get(f"{JOBS}/{segment(job_id)}"))


def wait(job_id: str, timeout_s: float | None = None) -> Flow[Document]:
    """Return a job's document once it has ended; a scheduler that is away for a minute is borne.

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
        # Whatever cut the wait short, a proxy for instance, must not turn it into a busy loop.
        delay_s = 0.0 if monotonic() - asked > poll_s / 2 else 0.2


def cancel(job_id: str, reason: str | None = None) -> Flow[Document]:
    """Cancel a job, for a reason that its document then tells; return its document.

    Raises:
        Conflict: it had ended already, otherwise than by being cancelled.
    """
    try:
        document: Document = yield from call(http.delete(f"{JOBS}/{segment(job_id)}", {"reason": reason}))
    except Conflict:
        # The answer to an earlier try may have been lost after it took effect.
        document = yield from job(job_id)
        if document["status"] != "cancelled":
            raise
    return document


def replay(job_id: str) -> Flow[Document]:
    """Run a job again without the cache; return the new job's document."""
    return call(http.post(f"{JOBS}/{segment(job_id)}/replay", {}, _key()))


def circuit(job_id: str, form: str) -> Flow[bytes]:
    """Return a completed job's circuit with its parameters bound, as `qasm3` text or `qpy`."""
    path = f"{JOBS}/{segment(job_id)}/circuit"
    return call(http.get(path, {"format": form}), OUTAGE_S, read=http.content)


def listed(
    path: str, name: str, limit: int, after: str | None = None, **query: str | None
) -> Flow[list[Document]]:
    """At most `limit` rows of a listing, over as many pages as that takes."""
    found: list[Document] = []
    while True:
        page = yield from call(
            http.get(path, {**query, "limit": min(limit - len(found), PAGE), "after": after})
        )
        found += page[name]
        after = page.get("next")
        if after is None or not page[name] or len(found) >= limit:
            return found[:limit]


def jobs(
    status: str | None = None, kind: str | None = None, limit: int = 50, after: str | None = None
) -> Flow[list[Document]]:
    """Return the newest jobs, newest first, at most `limit` of them, over as many pages as that takes."""
    return listed(JOBS, "jobs", limit, after, status=status, kind=kind)


def explain(spec: Mapping[str, Any]) -> Flow[Document]:
    """Return how a job would be run: its tasks, where, why, and the estimate. Nothing is submitted."""
    return call(http.post("/api/quantum/explain", spec))


def backends() -> Flow[list[Document]]:
    """Return the backends with their limits."""
    answer = yield from call(http.get("/api/quantum/backends"))
    found: list[Document] = answer["backends"]
    return found


def workers() -> Flow[Document]:
    """Return ``{"workers": [...], "queues": [...]}``."""
    return call(http.get("/api/workers"))


def algorithms() -> Flow[Any]:
    """Return the cryptographic algorithms on offer."""
    return call(http.get("/api/crypto/algorithms"))


def rewrap_envelope(
    header: bytes, key_id: str, add: Sequence[Recipient | PublicKey], drop: Collection[str], classical: bool
) -> Flow[bytes]:
    """Return an envelope's header re-wrapped with a stored key."""
    wanted = {
        "header": base64.b64encode(header).decode(),
        "key_id": key_id,
        "add": [one.document() for one in add],
        "drop": list(drop),
        "classical": classical,
    }
    answer = yield from call(http.post("/api/crypto/envelopes/rewrap", wanted, _key()))
    return base64.b64decode(answer["header"])


def sign_digest(key_ids: Sequence[str], sha512: str, length: int, purpose: str) -> Flow[Document]:
    """Return a hybrid signature by two stored keys."""
    wanted = {"key_ids": list(key_ids), "sha512": sha512, "length": length, "purpose": purpose}
    return call(http.post("/api/crypto/signatures", wanted, _key()))


def sign_result(job_id: str) -> Flow[Document]:
    """Return a completed job's result, signed."""
    return call(http.post(f"/api/crypto/results/{segment(job_id)}/sign", {}, _key()))


def new_key(how: str, **wanted: object) -> Flow[Document]:
    """Generate or import a key; return it as the store has it, without its private part."""
    return call(http.post(f"{KEYS}/{how}", _given(wanted), _key()))


def keys(limit: int = 50) -> Flow[list[Document]]:
    """Return the newest keys, newest first, at most `limit` of them."""
    return listed(KEYS, "keys", limit)


def key(key_id: str) -> Flow[Document]:
    """Return a key with the public keys of all its versions."""
    return call(http.get(f"{KEYS}/{segment(key_id)}"))


class Ending(TypedDict, total=False):
    """How a key is ended: see `Client.retire_key`."""

    abandon: Sequence[str]
    dry_run: bool


def change_key(key_id: str, change: str, **wanted: object) -> Flow[Document]:
    """Rotate, retire or destroy a key; return it as it is then, or who needs it."""
    return call(http.post(f"{KEYS}/{segment(key_id)}/{change}", _given(wanted), _key()))


def new_certificate(**wanted: object) -> Flow[Document]:
    """Have a certificate issued; return it with its chain."""
    return call(http.post(f"{CERTIFICATES}/generate", _given(wanted), _key()))


def certificates(limit: int = 50) -> Flow[list[Document]]:
    """Return the newest certificates, newest first, at most `limit` of them."""
    return listed(CERTIFICATES, "certificates", limit)


def certificate(certificate_id: str) -> Flow[Document]:
    """Return a certificate with its chain."""
    return call(http.get(f"{CERTIFICATES}/{segment(certificate_id)}"))


def revoke_certificate(certificate_id: str, reason: str) -> Flow[Document]:
    """Revoke a certificate; return it as it is then."""
    path = f"{CERTIFICATES}/{segment(certificate_id)}/revoke"
    return call(http.post(path, {"reason": reason}, _key()))


def crl(certificate_id: str) -> Flow[bytes]:
    """Return a CA's revocation list in PEM."""
    path = f"{CERTIFICATES}/{segment(certificate_id)}/crl"
    return call(http.get(path, {"format": "pem"}), read=http.content)


def audit_log() -> Flow[Document]:
    """Return the whole audit log; signed up to its last entry, unless the token may only read."""
    with suppress(Forbidden):
        yield from call(http.post(f"{AUDIT}/sign", {}))
    log: Document = {"entries": [], "head": None}
    after: int | None = 0
    while after is not None:
        page = yield from call(http.get(AUDIT, {"after": after, "limit": 1000}))
        log["entries"] += page["entries"]
        log["head"], after = page["head"], page["next"]
    return log


def make_inventory(targets: Sequence[str], store: bool, stack: bool) -> Flow[Document]:
    """Have cryptography looked for; return the job. What begins with a slash is a path, the rest a server."""
    paths = [one for one in targets if one.startswith("/")]
    endpoints = [one for one in targets if one not in paths]
    wanted = {"paths": paths, "endpoints": endpoints, "store": store, "stack": stack}
    return call(http.post(INVENTORY, wanted, _key()))


def convert_cbom(document: Mapping[str, Any]) -> Flow[Document]:
    """Return an inventory as a bill of materials, or the inventory in a bill of materials."""
    way = "export" if "assets" in document else "import"
    return call(http.post(f"{CBOM}/{way}", document))


def assess_migration(inventory: Mapping[str, Any], **wanted: object) -> Flow[Document]:
    """Return an inventory weighed."""
    return call(http.post(f"{MIGRATION}/assess", {"inventory": inventory, **_given(wanted)}))


def plan_migration(wanted: Mapping[str, Any]) -> Flow[Document]:
    """Have a plan made and kept; return it."""
    return call(http.post(f"{MIGRATION}/plan", wanted, _key()))


def migration_plan(plan_id: str) -> Flow[Document]:
    """Return a plan."""
    return call(http.get(f"{PLANS}/{segment(plan_id)}"))


def migration_plans(limit: int = 50) -> Flow[list[Document]]:
    """Return the newest plans, newest first, at most `limit` of them."""
    return listed(PLANS, "plans", limit)


def migration_policies() -> Flow[Document]:
    """Return the policies, the dates of the threat and the questions of agility."""
    return call(http.get(f"{MIGRATION}/policies"))


class Execution(TypedDict, total=False):
    """How a migration plan is carried out: see `Client.execute_migration`."""

    approve_retire: bool
    confirm: Sequence[str]
    confirm_all: bool
    until: str | None
    now: bool
    unattended: bool
    abandon: Sequence[str]
    dry_run: bool


def migrate(plan_id: str, what: str, **wanted: object) -> Flow[Document]:
    """Have a migration plan executed, rolled back or watched; return the job."""
    return call(http.post(f"{PLANS}/{segment(plan_id)}/{what}", _given(wanted), _key()))


def renew_certificates(names: Sequence[str], **wanted: object) -> Flow[Document]:
    """Have certificates renewed; return the job."""
    return call(http.post("/api/crypto/certificates/renew", _given({"names": list(names), **wanted}), _key()))


def migration_status(plan_id: str) -> Flow[Document]:
    """Return how far a plan is."""
    return call(http.get(f"{PLANS}/{segment(plan_id)}/status"))


def version() -> Flow[str]:
    """Return the scheduler's version."""
    answer = yield from call(http.get("/openapi.json"))
    return str(answer["info"]["version"])


def readiness() -> Flow[Document]:
    """Return whether the scheduler is ready, and what is missing where it is not; asked once."""
    response = yield http.get("/readyz")
    if response.status not in (200, 503):
        raise http.problem(response)
    try:
        document = json.loads(response.body)
    except ValueError:
        document = {}
    return {"ready": response.status == 200} | (document if isinstance(document, dict) else {})


def create_token(name: str, role: str, tenant: str | None, expires_s: float | str | None) -> Flow[Document]:
    """Create a token; the answer shows it this once."""
    wanted = {"name": name, "role": role, "tenant": tenant, "expires_s": expires_s}
    return call(http.post(TOKENS, _given(wanted), _key()))


def tokens(limit: int = 50, tenant: str | None = None) -> Flow[list[Document]]:
    """Return the newest tokens of a tenant, newest first, at most `limit` of them."""
    return listed(TOKENS, "tokens", limit, tenant=tenant)


def revoke_token(token_id: str) -> Flow[Document]:
    """End a token; return its document."""
    return call(http.post(f"{TOKENS}/{segment(token_id)}/revoke", {}, _key()))


def rotate_token(token_id: str, grace_s: float, expires_s: float | str | None) -> Flow[Document]:
    """Put a new token in the place of one; the answer shows it this once."""
    wanted = {"grace_s": grace_s, "expires_s": expires_s}
    return call(http.post(f"{TOKENS}/{segment(token_id)}/rotate", _given(wanted), _key()))


def tenants(limit: int = 50) -> Flow[list[Document]]:
    """Return the tenants by name, at most `limit` of them."""
    return listed(TENANTS, "tenants", limit)


def set_tenant(tenant: str, weight: float) -> Flow[Document]:
    """Make a tenant, or change its weight."""
    return call(http.post(TENANTS, {"tenant": tenant, "weight": weight}, _key()))


def _given(wanted: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in wanted.items() if value is not None}


def _key() -> str:
    return os.urandom(16).hex()
