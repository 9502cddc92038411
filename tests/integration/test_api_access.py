"""Who may call what: every route of the application has its row here, or this fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.roles import ROLES
from scheduler.api.app import create
from shared import ulid
from shared.settings import Settings
from tests.integration.conftest import NOOP, Api
from tests.unit.novacron.crypto.pki.family import root

RULES: dict[tuple[str, str], tuple[str, bool]] = {
    ("POST", "/api/quantum/jobs"): ("submit", False),
    ("POST", "/api/quantum/jobs/batch"): ("submit", False),
    ("POST", "/api/quantum/circuits/execute"): ("submit", False),
    ("GET", "/api/quantum/jobs"): ("read", False),
    ("GET", "/api/quantum/jobs/{job_id}"): ("read", True),
    ("DELETE", "/api/quantum/jobs/{job_id}"): ("submit", True),
    ("GET", "/api/quantum/jobs/{job_id}/events"): ("read", True),
    ("GET", "/api/quantum/jobs/{job_id}/table"): ("read", True),
    ("GET", "/api/quantum/jobs/{job_id}/tasks"): ("read", True),
    ("GET", "/api/quantum/jobs/{job_id}/logs"): ("read", True),
    ("GET", "/api/quantum/jobs/{job_id}/cost"): ("read", True),
    ("GET", "/api/quantum/costs"): ("read", False),
    ("GET", "/api/quantum/jobs/{job_id}/circuit"): ("submit", True),
    ("PATCH", "/api/quantum/jobs/{job_id}"): ("submit", True),
    ("POST", "/api/quantum/jobs/{job_id}/extend"): ("submit", True),
    ("POST", "/api/quantum/jobs/{job_id}/replay"): ("submit", True),
    ("POST", "/api/quantum/jobs/{job_id}/retry"): ("submit", True),
    ("GET", "/api/quantum/table"): ("read", False),
    ("POST", "/api/quantum/sessions"): ("submit", False),
    ("GET", "/api/quantum/sessions"): ("read", False),
    ("GET", "/api/quantum/sessions/{session_id}"): ("read", True),
    ("GET", "/api/quantum/sessions/{session_id}/calls"): ("read", True),
    ("POST", "/api/quantum/sessions/{session_id}/end"): ("submit", True),
    ("POST", "/api/quantum/explain"): ("read", False),
    ("GET", "/api/quantum/backends"): ("read", False),
    ("GET", "/api/quantum/backends/{name}"): ("read", False),
    ("GET", "/api/quantum/codes/{name}"): ("read", False),
    ("GET", "/api/workers"): ("read", False),
    ("GET", "/api/crypto/algorithms"): ("read", False),
    ("POST", "/api/crypto/keys/generate"): ("submit", False),
    ("POST", "/api/crypto/keys/import"): ("submit", False),
    ("GET", "/api/crypto/keys"): ("read", False),
    ("GET", "/api/crypto/keys/{key_id}"): ("read", True),
    ("POST", "/api/crypto/keys/{key_id}/rotate"): ("submit", True),
    ("POST", "/api/crypto/keys/{key_id}/retire"): ("admin", True),
    ("POST", "/api/crypto/keys/{key_id}/destroy"): ("admin", True),
    ("POST", "/api/crypto/envelopes/rewrap"): ("submit", False),
    ("POST", "/api/crypto/signatures"): ("submit", False),
    ("POST", "/api/crypto/results/{job_id}/sign"): ("submit", True),
    ("GET", "/api/crypto/audit"): ("read", False),
    ("POST", "/api/crypto/audit/sign"): ("submit", False),
    ("POST", "/api/crypto/certificates/generate"): ("submit", False),
    ("GET", "/api/crypto/certificates"): ("read", False),
    ("GET", "/api/crypto/certificates/{certificate_id}"): ("read", True),
    ("POST", "/api/crypto/certificates/{certificate_id}/revoke"): ("submit", True),
    ("GET", "/api/crypto/certificates/{certificate_id}/crl"): ("", False),
    ("POST", "/api/crypto/certificates/{certificate_id}/ocsp"): ("", False),
    ("GET", "/api/crypto/certificates/{certificate_id}/ocsp/{question:path}"): ("", False),
    ("POST", "/api/crypto/certificates/renew"): ("admin", False),
    ("POST", "/api/crypto/inventory"): ("admin", False),
    ("POST", "/api/crypto/cbom/export"): ("read", False),
    ("POST", "/api/crypto/cbom/import"): ("read", False),
    ("GET", "/api/crypto/migration/policies"): ("read", False),
    ("POST", "/api/crypto/migration/assess"): ("read", False),
    ("POST", "/api/crypto/migration/plan"): ("submit", False),
    ("GET", "/api/crypto/migration/plans"): ("read", False),
    ("GET", "/api/crypto/migration/plans/{plan_id}"): ("read", True),
    ("POST", "/api/crypto/migration/plans/{plan_id}/execute"): ("admin", True),
    ("POST", "/api/crypto/migration/plans/{plan_id}/rollback"): ("admin", True),
    ("POST", "/api/crypto/migration/plans/{plan_id}/watch"): ("admin", True),
    ("GET", "/api/crypto/migration/plans/{plan_id}/status"): ("read", True),
    ("POST", "/api/tokens"): ("admin", False),
    ("GET", "/api/tokens"): ("admin", False),
    ("POST", "/api/tokens/{token_id}/revoke"): ("admin", True),
    ("POST", "/api/tokens/{token_id}/rotate"): ("admin", True),
    ("GET", "/api/tenants"): ("operator", False),
    ("POST", "/api/tenants"): ("operator", False),
    ("GET", "/healthz"): ("", False),
    ("GET", "/readyz"): ("", False),
    ("GET", "/openapi.json"): ("", False),
}
"""Route -> the least role, empty where none is needed; and whether what its address names is one tenant's."""
OPEN = [route for route, (role, _) in RULES.items() if not role]
CLOSED = [route for route, (role, _) in RULES.items() if role]
OWNED = [route for route, (_, owned) in RULES.items() if owned]
UNKNOWN = {
    "name": "none", "job_id": "0" * 16, "key_id": "key_" + "0" * 26, "certificate_id": "cert_" + "0" * 26,
    "plan_id": "plan_" + "0" * 26, "token_id": "tok_" + "0" * 26, "session_id": "0" * 16,
    "question:path": "AAAA",
}  # fmt: skip
OPERATORS_TOO = "token_id"
"""Only tokens of other tenants are known to operators: of what these do, they see nothing."""


def walk(routes: list[Any]) -> Iterator[tuple[str, str]]:
    for one in routes:
        if hasattr(one, "original_router"):
            yield from walk(one.original_router.routes)
        else:
            yield from ((method, one.path) for method in one.methods if method != "HEAD")


def test_every_route_has_its_rule() -> None:
    assert sorted(walk(create(Settings()).routes)) == sorted(RULES)


def address(path: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path
    return path


def asked(
    api: Api, route: tuple[str, str], headers: dict[str, str], names: Mapping[str, str]
) -> httpx.Response:
    method, path = route
    with api.client(headers) as http:
        body: dict[str, Any] = {"json": {}} if method == "POST" else {}
        return http.request(method, address(path, names), **body)


@pytest.fixture(scope="module")
def bearers(api: Api) -> dict[str, dict[str, str]]:
    """Headers by role, of a tenant of their own."""
    return {role: api.token_for("roles", role) for role in ROLES}


@pytest.mark.parametrize("route", CLOSED, ids=" ".join)
def test_the_role_is_asked_for_first(api: Api, bearers: dict[str, dict[str, str]], problem, route) -> None:
    needed, _ = RULES[route]
    before = api.n_rows()
    problem(asked(api, route, {}, UNKNOWN), 401)
    problem(asked(api, route, {"Authorization": "Bearer nova_unknown"}, UNKNOWN), 401)
    for role in ROLES[: ROLES.index(needed)]:
        told = problem(asked(api, route, bearers[role], UNKNOWN), 403)
        assert needed in told["detail"] and role in told["detail"]
    assert api.n_rows() == before


@pytest.mark.parametrize("route", [one for one in CLOSED if "generate" not in one[1]], ids=" ".join)
def test_the_role_is_enough(api: Api, bearers: dict[str, dict[str, str]], route) -> None:
    if route in (("POST", "/api/crypto/audit/sign"), ("GET", "/api/quantum/jobs/{job_id}/events")):
        return  # one waits for a worker, the other is told apart by its job alone
    for role in ROLES[ROLES.index(RULES[route][0]) :]:
        assert asked(api, route, bearers[role], UNKNOWN).status_code not in (401, 403, 500)


@pytest.mark.parametrize("route", OPEN, ids=" ".join)
def test_some_routes_are_open_to_everybody(api: Api, route) -> None:
    assert asked(api, route, {}, UNKNOWN).status_code not in (401, 403, 500)


@pytest.fixture(scope="module")
def theirs(api: Api) -> dict[str, str]:
    """Ids of what belongs to the tenant `north`."""
    north = api.token_for("north", "admin")
    with api.client(north) as http:
        job = http.post("/api/quantum/jobs", json=NOOP).json()["job_id"]
        wanted = {"timeline": "2 years", "components": ["api"], "current_algorithms": ["X25519"]}
        plan = http.post("/api/crypto/migration/plan", json=wanted).json()["plan_id"]
        opened = http.post("/api/quantum/sessions", json={"name": "theirs"}).json()["session_id"]
        token = http.post("/api/tokens", json={"name": "theirs", "role": "read"}).json()["token_id"]
    key, certificate = ulid.new("key_"), ulid.new("cert_")
    with psycopg.connect(api.database_url) as connection:
        row = connection.execute("SELECT id FROM tenants WHERE name = 'north'").fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO keys (id, tenant_id, usage, created_by) VALUES (%s, %s, 'sign', 'test')",
            (key, row[0]),
        )
        connection.execute(
            "INSERT INTO key_versions"
            " (key_id, version, algorithm, public_key, origin, created_by, destroyed_at)"
            " VALUES (%s, 1, 'Ed25519', %s, 'generated', 'test', now())",
            (key, bytes(32)),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO certificates (id, tenant_id, algorithm, serial, ca, not_after, der, created_by)"
            " VALUES (%s, %s, 'ECDSA-P256', '1', false, now() + interval '1 day', %s, 'test')",
            (certificate, row[0], root("ECDSA-P256").certificate.public_bytes(Encoding.DER)),
        )  # fmt: skip
    return {
        "job_id": job, "plan_id": plan, "token_id": token, "key_id": key, "certificate_id": certificate,
        "session_id": opened,
    }  # fmt: skip


@pytest.mark.parametrize("route", OWNED, ids=" ".join)
def test_what_is_another_tenants_is_not_there(api: Api, theirs: dict[str, str], problem, route) -> None:
    (name,) = [name for name in theirs if "{" + name + "}" in route[1]]
    for role in ("admin", "operator"):
        if role == "operator" and name == OPERATORS_TOO:
            continue
        headers = api.token_for("south", role)
        found = problem(asked(api, route, headers, theirs), 404)
        unknown = problem(asked(api, route, headers, UNKNOWN), 404)
        assert found["detail"].replace(theirs[name], "ID") == unknown["detail"].replace(UNKNOWN[name], "ID")


@pytest.mark.parametrize(
    "route", [one for one in OWNED if one[0] == "GET" and "circuit" not in one[1]], ids=" ".join
)
def test_what_is_ones_own_is(api: Api, theirs: dict[str, str], route) -> None:
    """So that the test above cannot pass because nothing is found by anybody."""
    path = (route[0], route[1] + ("?follow=false" if "events" in route[1] else ""))
    assert asked(api, path, api.token_for("north", "admin"), theirs).status_code == 200


@pytest.mark.parametrize("path", [path for method, path in CLOSED if method == "GET" and "{" not in path])
def test_listings_are_the_callers_own(api: Api, theirs: dict[str, str], path: str) -> None:
    shown = asked(api, ("GET", path), api.token_for("south", "admin"), {}).text
    assert not [one for one in theirs.values() if one in shown]
