"""What is said of a stored key before any worker sees it: parameters that would be ignored are refused."""

import psycopg
import pytest

from novacron.algorithms import ALGORITHMS
from shared import ulid
from tests.integration.conftest import JOBS, Api

SIGN = {"kind": "cryptographic", "operation": "sign", "payload": "AAAA"}
SIGNING = [name for name, one in ALGORITHMS.items() if one.type == "signature"]
TAKES = ("ML-DSA-", "SLH-DSA-")


def stored(api: Api, *algorithms: str) -> str:
    """A key of the first tenant whose versions have these algorithms, the last one in use."""
    key_id = ulid.new("key_")
    with psycopg.connect(api.database_url) as connection:
        connection.execute(
            "INSERT INTO keys (id, tenant_id, usage, version, created_by)"
            " SELECT %s, id, 'sign', %s, 'test' FROM tenants WHERE name = 'default'",
            (key_id, len(algorithms)),
        )  # fmt: skip
        for version, algorithm in enumerate(algorithms, 1):
            connection.execute(
                "INSERT INTO key_versions"
                " (key_id, version, algorithm, public_key, origin, created_by, destroyed_at)"
                " VALUES (%s, %s, %s, %s, 'generated', 'test', now())",
                (key_id, version, algorithm, bytes(32)),
            )  # fmt: skip
    return key_id


@pytest.mark.parametrize("algorithm", SIGNING)
def test_a_context_is_taken_where_it_changes_the_signature(api: Api, problem, algorithm: str) -> None:
    key_id = stored(api, algorithm)
    for operation in ("sign", "verify"):
        body = {**SIGN, "operation": operation, "key_id": key_id} | (
            {"signature": "AAAA"} if operation == "verify" else {}
        )
        assert api.http.post(JOBS, json=body).status_code == 202
        answer = api.http.post(JOBS, json={**body, "context": "release"})
        if algorithm.startswith(TAKES):
            assert answer.status_code == 202
        else:
            told = problem(answer, 422)["errors"][0]
            assert (told["field"], told["value"]) == ("context", "release") and algorithm in told["rule"]


def test_of_a_key_with_versions_the_one_that_is_meant_counts(api: Api, problem) -> None:
    key_id = stored(api, "Ed25519", "ML-DSA-65")
    verify = {**SIGN, "operation": "verify", "key_id": key_id, "signature": "AAAA", "context": "c"}
    assert api.http.post(JOBS, json={**SIGN, "key_id": key_id, "context": "c"}).status_code == 202
    assert api.http.post(JOBS, json=verify).status_code == 202
    assert api.http.post(JOBS, json={**verify, "version": 2}).status_code == 202
    problem(api.http.post(JOBS, json={**verify, "version": 1}), 422)
    back = stored(api, "ML-DSA-65", "Ed25519")
    problem(api.http.post(JOBS, json={**SIGN, "key_id": back, "context": "c"}), 422)


@pytest.mark.parametrize("field", ["backend", "shots", "granularity"])
@pytest.mark.parametrize("kind", [
    {"kind": "cryptographic", "operation": "generate_keypair", "algorithm": "ML-KEM-768"},
    {"kind": "pure_classical", "function": "noop"},
])  # fmt: skip
def test_jobs_without_circuits_take_nothing_of_circuits(api: Api, problem, kind, field: str) -> None:
    value = {"backend": "statevector", "shots": 100, "granularity": "fused"}[field]
    told = problem(api.http.post(JOBS, json={**kind, field: value}), 422)["errors"][0]
    assert (told["field"], told["rule"]) == (field, f"{kind['kind']} jobs run no circuits")


@pytest.mark.parametrize("operation", ["generate_keypair", "kem_roundtrip"])
def test_a_payload_that_nobody_signs_is_refused(api: Api, problem, operation: str) -> None:
    wanted = {"kind": "cryptographic", "operation": operation, "algorithm": "ML-KEM-768", "payload": "AAAA"}
    assert problem(api.http.post(JOBS, json=wanted), 422)["errors"][0]["field"] == "payload"
