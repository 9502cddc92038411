"""Assessing and planning over HTTP: what is kept, who sees it, what is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bending import VALUES
from tests.integration.conftest import JOBS, NOOP, Api

MIGRATION = "/api/crypto/migration"
WANTED: dict[str, Any] = {
    "current_algorithms": ["RSA-2048", "X25519"], "target_algorithms": ["ML-KEM-768", "ML-DSA-65"],
    "timeline": {"deadline": "2040-06-30"}, "risk_tolerance": "low",
    "components": ["api", {"name": "archive", "kind": "envelopes", "depends_on": ["api"], "count": 100}],
}  # fmt: skip
INVENTORY: dict[str, Any] = {
    "inventory_id": "inv_1", "created_at": "2026-11-25T12:00:00Z",
    "assets": [{
        "asset_id": "a", "kind": "tls_endpoint", "name": "web", "location": "web:443", "algorithm": "X25519",
        "purposes": ["confidentiality"], "quantum_vulnerable": True, "found_at": "2026-11-25T12:00:00Z",
    }],
}  # fmt: skip
OWN = {
    "name": "house", "title": "House rules", "targets": {"kem": ["ML-KEM-1024"], "group": ["MLKEM1024"]},
    "rules": [{"id": "early", "text": "all by 2028", "disallowed_after": "2028-12-31"}],
}  # fmt: skip


def made(api: Api, **changed: Any) -> dict[str, Any]:
    answer = api.http.post(f"{MIGRATION}/plan", json={**WANTED, **changed})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def kept(api: Api) -> int:
    with psycopg.connect(api.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM migration_plans").fetchone()
    assert row is not None
    return int(row[0])


def test_a_plan_has_everything_one_asked_for_and_is_kept(api: Api) -> None:
    answer = api.http.post(f"{MIGRATION}/plan", json=WANTED)
    plan = answer.json()
    assert answer.status_code == 201
    assert {"plan_id", "steps", "timeline", "risk_assessment", "rollback_plan", "estimated_cost"} <= set(plan)
    assert {"id", "name", "type", "dependencies", "algorithm", "components", "estimated_time_s", "risk_level",
            "validation"} <= set(plan["steps"][0])  # fmt: skip
    assert plan["steps"][0]["algorithm"].keys() == {"from", "to"}
    assert (plan["status"], plan["policy"]) == ("planned", "general")
    assert api.http.get(answer.headers["Location"]).json() == plan
    listed = api.http.get(f"{MIGRATION}/plans").json()["plans"][0]
    assert (listed["plan_id"], listed["status"]) == (plan["plan_id"], "planned")
    assert listed["n_steps"] == len(plan["steps"])


def test_the_audit_log_has_it(api: Api) -> None:
    plan = made(api)
    entry = api.http.get("/api/crypto/audit", params={"limit": 5000}).json()["entries"][-1]
    assert (entry["action"], entry["subject"]) == ("migration.planned", plan["plan_id"])


def test_one_key_makes_one_plan(api: Api, problem: Any) -> None:
    headers, before = {"Idempotency-Key": "again"}, kept(api)
    first, second = (
        api.http.post(f"{MIGRATION}/plan", json=WANTED, headers=headers).json() for _ in range(2)
    )
    assert first == second and kept(api) == before + 1
    other = {**WANTED, "risk_tolerance": "high"}
    told = problem(api.http.post(f"{MIGRATION}/plan", json=other, headers=headers), 409)
    assert first["plan_id"] in told["detail"] and kept(api) == before + 1


def test_one_key_at_the_same_time_makes_one_plan(api: Api) -> None:
    before = kept(api)

    def send(_: int) -> httpx.Response:
        return api.http.post(f"{MIGRATION}/plan", json=WANTED, headers={"Idempotency-Key": "at once"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["plan_id"] for answer in answers}) == 1 and kept(api) == before + 1


def test_listings_go_on_page_by_page(api: Api) -> None:
    wanted = [made(api, name=f"plan {number}")["plan_id"] for number in range(3)][::-1]
    page = api.http.get(f"{MIGRATION}/plans", params={"limit": 2}).json()
    rest = api.http.get(f"{MIGRATION}/plans", params={"limit": 1, "after": page["next"]}).json()
    assert [one["plan_id"] for one in page["plans"] + rest["plans"]] == wanted


def test_another_tenant_sees_nothing_of_it(api: Api, problem: Any) -> None:
    plan_id, headers = made(api)["plan_id"], api.token_for("other")
    problem(api.http.get(f"{MIGRATION}/plans/{plan_id}", headers=headers), 404)
    assert api.http.get(f"{MIGRATION}/plans", headers=headers).json() == {"plans": [], "next": None}
    reader = api.token_for("other", "read")
    assert api.http.post(f"{MIGRATION}/plan", json=WANTED, headers=reader).status_code == 403
    wanted = {"inventory": INVENTORY}
    assert api.http.post(f"{MIGRATION}/assess", json=wanted, headers=reader).status_code == 200


@pytest.mark.parametrize(("state", "told"), [("running", "failed"), ("waiting", "waiting")])
def test_the_status_is_that_of_its_execution(api: Api, state: str, told: str) -> None:
    plan_id = made(api)["plan_id"]
    job_id = api.http.post(JOBS, json=NOOP).json()["job_id"]
    with psycopg.connect(api.database_url) as connection:
        connection.execute(
            "INSERT INTO migrations (plan_id, tenant_id, job_id, state)"
            " SELECT id, tenant_id, %s, %s FROM migration_plans WHERE id = %s",
            (job_id, state, plan_id),
        )
    read = f"{MIGRATION}/plans/{plan_id}"
    assert api.http.get(read).json()["status"] == state
    assert api.http.delete(f"{JOBS}/{job_id}").status_code in (200, 202)
    assert api.http.get(read).json()["status"] == told
    assert api.http.get(f"{MIGRATION}/plans").json()["plans"][0]["status"] == told


REFUSED = [
    ({"timeline": "1 week"}, "timeline.deadline", "cannot be kept"),
    ({"timelime": "1 week"}, "timelime", "unknown key"),
    ({"current_algorithms": ["RSA2048x"]}, "current_algorithms[0]", "is not a known algorithm"),
    ({"target_algorithms": ["Kyber768"]}, "target_algorithms[0]", "is a submission, not a standard"),
    ({"policy": "genral"}, "policy", "must be one of"),
    ({"policy": {"name": "x"}}, "policy.title", "is required"),
    ({"components": [{"name": "a", "depends_on": ["a"]}]}, "components", "cycle: a -> a"),
]


@pytest.mark.parametrize(("changed", "field", "rule"), REFUSED)
def test_what_is_refused_is_not_kept(api: Api, problem: Any, changed: Any, field: str, rule: str) -> None:
    before = kept(api)
    told = problem(api.http.post(f"{MIGRATION}/plan", json={**WANTED, **changed}), 422)
    (error, *_) = told["errors"]
    assert error["field"] == field and rule in error["rule"]
    assert kept(api) == before


def test_own_policies_come_with_the_request(api: Api) -> None:
    plan = made(api, policy=OWN, target_algorithms=[], components=["api"], current_algorithms=["X25519"])
    assert {one["algorithm"]["to"] for one in plan["steps"]} == {"ML-KEM-1024"}
    assert any("disallowed after 2028-12-31: house (own)" in warning for warning in plan["warnings"])
    wanted = {"inventory": INVENTORY, "policies": ["us-eo-14412", OWN]}
    (asset,) = api.http.post(f"{MIGRATION}/assess", json=wanted).json()["assets"]
    assert (asset["binding"]["policy"], asset["advised"]) == ("house", None)


def test_the_data_behind_it_can_be_read(api: Api) -> None:
    found = api.http.get(f"{MIGRATION}/policies").json()
    known = {one["name"]: one for one in found["policies"]}
    assert known["nist-ir-8547"]["status"] == "draft" and known["cnsa-2.0"]["exclusive"] is True
    assert found["threat"]["early"] < found["threat"]["late"] and found["questions"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["plan", "assess"]),
    st.dictionaries(st.sampled_from([*WANTED, "policy", "policies", "inventory", "answers", "name"]), VALUES),
)
def test_whatever_is_posted_is_answered(api: Api, path: str, changed: dict[str, Any]) -> None:
    base = WANTED if path == "plan" else {"inventory": INVENTORY}
    answer = api.http.post(f"{MIGRATION}/{path}", content=json.dumps({**base, **changed}))
    assert answer.status_code in (200, 201, 422), answer.text
