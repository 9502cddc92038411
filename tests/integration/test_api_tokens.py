"""Tokens over HTTP: made, listed, rotated, revoked; by admins for their tenant, by operators for any."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from testing.patience import eventually
from tests.integration.conftest import JOBS, NOOP, Api

TOKENS = "/api/tokens"


@pytest.fixture
def admin(api: Api):
    """An admin of the tenant `acme`."""
    with api.client(api.token_for("acme", "admin")) as http:
        yield http


def made(http: httpx.Client, **wanted: Any) -> dict[str, Any]:
    answer = http.post(TOKENS, json={"name": "t", "role": "read", **wanted})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def status(api: Api, token: str) -> tuple[int, str]:
    with api.client({"Authorization": f"Bearer {token}"}) as http:
        answer = http.get(JOBS)
        return answer.status_code, str(answer.json().get("title"))


def test_an_admin_makes_tokens_of_its_tenant_up_to_its_role(api: Api, admin: httpx.Client, problem) -> None:
    for role in ("read", "submit", "admin"):
        assert (made(admin, role=role)["tenant"], made(admin, role=role, tenant="acme")["role"]) == (
            "acme",
            role,
        )
    before = api.n_rows()
    problem(admin.post(TOKENS, json={"name": "t", "role": "operator"}), 403)
    for role in ("read", "admin"):
        told = problem(admin.post(TOKENS, json={"name": "t", "role": role, "tenant": "globex"}), 403)
        assert "need the role operator" in told["detail"]
    assert api.n_rows() == before


def test_an_operator_makes_any(api: Api) -> None:
    document = made(api.http, role="operator", tenant="globex")
    assert (document["role"], document["tenant"], document["created_by"]) == ("operator", "globex", "first")


def test_a_listing_shows_everything_but_what_the_token_opens(api: Api, admin: httpx.Client, problem) -> None:
    token = made(admin, name="ci", role="submit", expires_s="90d")
    listed = admin.get(TOKENS, params={"limit": 500}).json()["tokens"]
    (one,) = [one for one in listed if one["token_id"] == token["token_id"]]
    assert one == {name: value for name, value in token.items() if name != "token"}
    assert (one["name"], one["role"], one["status"], one["last_used_at"]) == ("ci", "submit", "active", None)
    assert one["expires_at"][:10] > one["created_at"][:10]
    assert {row["tenant"] for row in listed} == {"acme"}
    assert token["token"] not in str(listed) + api.log
    problem(admin.get(TOKENS, params={"tenant": "default"}), 403)
    assert api.http.get(TOKENS, params={"tenant": "acme", "limit": 500}).json()["tokens"] == listed


def test_the_last_use_is_told(api: Api, admin: httpx.Client) -> None:
    token = made(admin)
    assert status(api, token["token"])[0] == 200
    (one,) = [one for one in admin.get(TOKENS).json()["tokens"] if one["token_id"] == token["token_id"]]
    assert one["last_used_at"] >= one["created_at"]


def test_a_revoked_token_is_refused_as_such(api: Api, admin: httpx.Client) -> None:
    token = made(admin)
    assert status(api, token["token"])[0] == 200
    for _ in range(2):
        ended = admin.post(f"{TOKENS}/{token['token_id']}/revoke").json()
        assert (ended["status"], ended["revoked_by"]) == ("revoked", "test")
    assert status(api, token["token"]) == (401, "Token Revoked")


def test_an_expired_token_is_refused_as_such(api: Api, admin: httpx.Client) -> None:
    token = made(admin, expires_s=0.5)["token"]
    assert eventually(lambda: [seen for seen in [status(api, token)] if seen[0] != 200]) == [
        (401, "Token Expired")
    ]
    assert status(api, "nova_never_made") == (401, "Unauthorized")


def test_rotating_ends_the_old_one_at_once_or_after_a_while(api: Api, admin: httpx.Client, problem) -> None:
    old = made(admin, name="ci", role="submit", expires_s=86400)
    path = f"{TOKENS}/{old['token_id']}/rotate"
    beside = admin.post(path, json={"grace_s": 60}).json()
    assert status(api, old["token"])[0] == status(api, beside["token"])[0] == 200
    assert [beside[name] for name in ("name", "role", "tenant")] == ["ci", "submit", "acme"]
    assert beside["token_id"] != old["token_id"] and beside["expires_at"]
    new = admin.post(path, json={}).json()
    assert status(api, old["token"]) == (401, "Token Revoked")
    assert status(api, new["token"])[0] == 200
    problem(admin.post(path, json={}), 409)
    assert problem(admin.post(path, json={"grace": 1}), 422)["errors"][0]["field"] == "grace"


def test_standing_jobs_end_with_their_token_unless_another_takes_its_place(
    api: Api, admin: httpx.Client
) -> None:
    def submitted(token: dict[str, Any], **more: Any) -> str:
        body = {"kind": "cryptographic", "operation": "renew_certificates", **more}
        with api.client({"Authorization": f"Bearer {token['token']}"}) as http:
            return str(http.post(JOBS, json=body).json()["job_id"])

    def state(job_id: str) -> str:
        return str(admin.get(f"{JOBS}/{job_id}").json()["status"])

    old, other = made(admin, role="admin"), made(admin, role="admin")
    jobs = [submitted(old, every_s=3600), submitted(old), submitted(other, every_s=3600)]
    new = admin.post(f"{TOKENS}/{old['token_id']}/rotate", json={}).json()
    assert [state(job) for job in jobs] == ["queued"] * 3, "no worker is here"
    ended = admin.post(f"{TOKENS}/{old['token_id']}/revoke").json()
    assert (ended["status"], ended["cancelled_jobs"]) == ("revoked", [])
    ended = admin.post(f"{TOKENS}/{new['token_id']}/revoke").json()
    assert ended["cancelled_jobs"] == jobs[:1]
    assert [state(job) for job in jobs] == ["cancelled", "queued", "queued"]
    error = admin.get(f"{JOBS}/{jobs[0]}").json()["error"]
    assert error["reason"] == f"the token {new['name']!r} that it came with was revoked"
    assert (
        error["message"] == f'cancelled by the token "{error["by"]}": {error["reason"]}'
        and " " not in error["by"]
    )
    assert admin.post(f"{TOKENS}/{new['token_id']}/revoke").json()["cancelled_jobs"] == []
    entries = admin.get("/api/crypto/audit").json()["entries"]
    told = [one["details"] for one in entries if one["action"] == "token.revoke"]
    assert [one["cancelled_jobs"] for one in told if one["name"] == new["name"]][-1] == jobs[:1]


def test_nobody_ends_who_may_do_more(api: Api, problem) -> None:
    chief = made(api.http, role="operator", tenant="acme")
    with api.client(api.token_for("acme", "admin")) as http:
        for act in ("revoke", "rotate"):
            problem(http.post(f"{TOKENS}/{chief['token_id']}/{act}", json={}), 403)
    assert status(api, chief["token"])[0] == 200


def test_a_token_does_not_saw_off_its_own_branch(api: Api, admin: httpx.Client, problem) -> None:
    mine = made(admin, role="admin")
    with api.client({"Authorization": f"Bearer {mine['token']}"}) as http:
        problem(http.post(f"{TOKENS}/{mine['token_id']}/revoke"), 409)
        new = http.post(f"{TOKENS}/{mine['token_id']}/rotate", json={}).json()
    assert (status(api, mine["token"])[0], status(api, new["token"])[0]) == (401, 200)


def test_acts_on_tokens_are_in_the_audit_log(api: Api) -> None:
    with api.client(api.token_for("audited", "admin")) as http:
        token = made(http, name="ci")
        http.post(f"{TOKENS}/{token['token_id']}/revoke")
        entries = http.get("/api/crypto/audit").json()["entries"]
    assert [(one["action"], one["actor"]) for one in entries] == [
        ("token.create", "first"), ("token.create", "test"), ("token.revoke", "test"),
    ]  # fmt: skip
    assert entries[2]["subject"] == token["token_id"] and token["token"] not in str(entries)


@pytest.mark.parametrize("wanted", [
    {"expires_s": "soon"}, {"expires_s": -1}, {"expires_s": "101 years"}, {"expires_s": True},
    {"role": "root"},
])  # fmt: skip
def test_a_wrong_wish_is_told_its_field(admin: httpx.Client, problem, wanted) -> None:
    told = problem(admin.post(TOKENS, json={"name": "t", "role": "read", **wanted}), 422)
    assert told["errors"][0]["field"] == next(iter(wanted))


def test_tenants_are_the_operators(api: Api, problem) -> None:
    assert api.http.post("/api/tenants", json={"tenant": "heavy", "weight": 3}).json()["weight"] == 3
    rows = {one["tenant"]: one for one in api.http.get("/api/tenants").json()["tenants"]}
    assert rows["heavy"] == {"tenant": "heavy", "weight": 3.0, "active_tokens": 0, "unfinished_jobs": 0}
    assert rows["default"]["active_tokens"] >= 1
    problem(api.http.post("/api/tenants", json={"tenant": "heavy", "weight": 0}), 422)


def test_a_repeat_under_a_key_makes_no_second_token(api: Api, problem) -> None:
    key = {"Idempotency-Key": "for-ci"}
    body = {"name": "ci", "role": "submit", "expires_s": "90d"}
    with api.client(api.token_for("repeating", "admin")) as http:
        first, second = (http.post(TOKENS, json=body, headers=key).json() for _ in range(2))
        assert {**first, "token": None} == {**second, "token": None} and first["token"] != second["token"]
        assert status(api, first["token"]) == (401, "Unauthorized")
        assert status(api, second["token"])[0] == 200
        told = problem(http.post(TOKENS, json=body, headers=key), 409)
        assert first["token_id"] in told["detail"] and "shown only once" in told["detail"]
        assert status(api, second["token"])[0] == 200, "who uses it keeps it"
        problem(http.post(TOKENS, json=body | {"role": "read"}, headers=key), 409)
        assert [one["name"] for one in http.get(TOKENS).json()["tokens"]].count("ci") == 1
        path, key = f"{TOKENS}/{first['token_id']}/rotate", {"Idempotency-Key": "for-ci-2"}
        new, again = (http.post(path, json={}, headers=key).json() for _ in range(2))
        assert new["token_id"] == again["token_id"] != first["token_id"]
        assert status(api, again["token"])[0] == 200
        acts = [one["action"] for one in http.get("/api/crypto/audit").json()["entries"]]
        assert acts == ["token.create", *["token.create", "token.renew"] * 2]
    with api.client(api.token_for("another", "admin")) as http:
        assert http.post(TOKENS, json=body, headers=key).status_code == 201


def test_requests_at_once_under_a_key_make_one_token(api: Api) -> None:
    headers = api.token_for("at-once", "admin") | {"Idempotency-Key": "once"}

    def post(_: int) -> str:
        with api.client(headers) as http:
            return str(http.post(TOKENS, json={"name": "n", "role": "read"}).json()["token_id"])

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(post, range(4)))) == 1


def test_a_key_sets_a_tenant_once(api: Api, problem) -> None:
    def put(weight: float, key: str) -> httpx.Response:
        body = {"tenant": "weighed", "weight": weight}
        return api.http.post("/api/tenants", json=body, headers={"Idempotency-Key": key})

    assert put(2, "a").json() == put(2, "a").json() == {"tenant": "weighed", "weight": 2.0}
    assert put(5, "b").json()["weight"] == 5
    put(2, "a")
    rows = {one["tenant"]: one for one in api.http.get("/api/tenants").json()["tenants"]}
    assert rows["weighed"]["weight"] == 5, "a late repeat of the older request changes nothing"
    problem(put(3, "a"), 409)


def test_a_key_of_an_admin_answers_no_lesser_token(api: Api, problem) -> None:
    """The same Idempotency-Key with the same body, by a token that may not do it."""
    body = {"kind": "cryptographic", "operation": "inventory", "store": True}
    key = {"Idempotency-Key": "nightly"}
    with api.client(api.token_for("keyed", "admin")) as http:
        job = http.post(JOBS, json=body, headers=key).json()["job_id"]
        assert http.post(JOBS, json=body, headers=key).json()["job_id"] == job
    with api.client(api.token_for("keyed", "submit")) as http:
        problem(http.post(JOBS, json=body, headers=key), 403)
        assert http.post(JOBS, json=NOOP, headers=key).status_code == 202
    with api.client(api.token_for("else", "admin")) as http:
        assert http.post(JOBS, json=body, headers=key).json()["job_id"] != job


@pytest.mark.parametrize(("role", "priority", "expected"), [
    ("submit", 10, 202), ("submit", 100, 422), ("admin", 50, 202), ("admin", 51, 422), ("operator", 100, 202),
])  # fmt: skip
def test_a_priority_above_the_roles_ceiling_is_refused(
    api: Api, role: str, priority: int, expected: int
) -> None:
    with api.client(api.token_for("urgent", role)) as http:
        answer = http.post(JOBS, json=NOOP | {"priority": priority})
    assert answer.status_code == expected
    if expected == 422:
        assert answer.json()["errors"][0]["field"] == "priority"


@pytest.mark.parametrize(("role", "body"), [
    ("admin", {"operation": "rotate_kek"}), ("admin", {"operation": "inventory", "stack": True}),
    ("admin", {"operation": "inventory", "paths": ["/etc"]}), ("submit",
    {"operation": "inventory", "store": True}),
    ("submit", {"operation": "retire_key", "key_id": "key_" + "0" * 26}),
    ("submit", {"operation": "execute_migration", "plan_id": "plan_1"}),
])  # fmt: skip
def test_an_operation_beyond_the_role_is_refused_whatever_its_route(
    api: Api, problem, role: str, body
) -> None:
    with api.client(api.token_for("modest", role)) as http:
        problem(http.post(JOBS, json={"kind": "cryptographic", **body}), 403)
