"""What `/openapi.json` tells of bodies: every one that the API takes is one that it describes."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from novacron.errors import BadInput
from novacron.inputs import jobfile
from novacron.specs import parse_spec
from novacron.specs.crypto import OPERATIONS
from tests.acceptance.stack import ROOT
from tests.acceptance.test_planning import INVENTORY
from tests.unit.novacron.specs.crypto.test_certificate_specs import WHOLE
from tests.unit.novacron.specs.test_specs_properties import ANYTHING, VALID, jobs
from tests.unit.scheduler.api.openapi import document

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
JOBS = "/api/quantum/jobs"
CRYPTO = "/api/crypto"
CERTIFICATE = WHOLE["generate_certificate"]
ASSESS, PLAN = f"{CRYPTO}/migration/assess", f"{CRYPTO}/migration/plan"
TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("/api/tokens", {"name": "a", "role": "read", "expires_s": "90d"}),
    ("/api/tokens", {"name": "a", "role": "read", "tenant": "b", "expires_s": 3600}),
    ("/api/tokens/{token_id}/rotate", {}),
    ("/api/tenants", {"tenant": "a", "weight": 2}),
    (f"{CRYPTO}/keys/generate", {"algorithm": "ML-KEM", "parameters": {"parameter_set": 768}}),
    (f"{CRYPTO}/keys/generate", {"algorithm": "Ed25519", "usage": ["sign", "verify"], "label": "x"}),
    (f"{CRYPTO}/keys/import", {"private_key": "-----BEGIN", "password": None, "usage": "decryption"}),
    (f"{CRYPTO}/keys/{{key_id}}/rotate", {"expected_version": 1, "name": "x", "max_retries": 0}),
    (f"{CRYPTO}/certificates/generate", CERTIFICATE),
    (f"{CRYPTO}/certificates/generate", CERTIFICATE | {"subject": {"CN": ["a", "b"]}}),
    (f"{CRYPTO}/certificates/generate", CERTIFICATE | {"validity_period": {"days": 9}}),
    (f"{CRYPTO}/certificates/generate", WHOLE["sign_certificate_request"]),
    (f"{CRYPTO}/certificates/renew", {"within_days": "30d", "every_s": "12h"}),
    (f"{CRYPTO}/migration/plans/{{plan_id}}/watch", {"every_s": "1d", "renew": True}),
    (f"{CRYPTO}/cbom/export", INVENTORY),
    (f"{CRYPTO}/cbom/import", {"bomFormat": "CycloneDX", "specVersion": "1.6"}),
    (ASSESS, {"inventory": INVENTORY}),
    (ASSESS, {"inventory": INVENTORY, "policies": ["cnsa-2.0"], "migration_years": "18 months"}),
    (PLAN, {"timeline": "2 years", "components": ["api", {"name": "web", "algorithm": "X25519"}]}),
    (PLAN, {"timeline": {"months": 24}, "inventory": INVENTORY, "policy": "nist"}),
    ("/api/quantum/circuits/execute", {"circuit": "OPENQASM 3;", "shots": 10, "observables": ["ZZ"]}),
]
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("/api/tokens", {"name": "a"}),
    ("/api/tenants", {"tenant": "a", "weight": 0}),
    (f"{CRYPTO}/keys/generate", {"algorithm": "ML-KEM-768", "label": 3}),
    (f"{CRYPTO}/keys/{{key_id}}/rotate", {"unknown": 1}),
    (f"{CRYPTO}/certificates/{{certificate_id}}/revoke", {"reason": "boredom"}),
    (f"{CRYPTO}/signatures", {}),
    (PLAN, {"inventory": INVENTORY}),
    ("/api/quantum/jobs", {"kind": "hybrid_vqe", "ansatz": "uccsd"}),
    ("/api/quantum/jobs", {"function": "noop"}),
]


@cache
def described(path: str) -> Draft202012Validator:
    schema = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


def is_described(validator: Draft202012Validator, body: object) -> None:
    broken = [one.message for one in validator.iter_errors(body)]
    assert not broken, broken


@pytest.mark.parametrize(("path", "body"), TAKEN)
def test_a_body_that_is_taken_is_described(path: str, body: dict[str, Any]) -> None:
    is_described(described(path), body)


@pytest.mark.parametrize(("path", "body"), REFUSED)
def test_a_body_that_is_refused_for_its_form_is_not(path: str, body: dict[str, Any]) -> None:
    assert not described(path).is_valid(body)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_job_files_are_described(path: Any) -> None:
    is_described(described(JOBS), jobfile.load(path).model_dump(mode="json"))


@settings(max_examples=150, deadline=None)
@given(VALID)
def test_valid_jobs_are_described(job: Any) -> None:
    is_described(described(JOBS), job)
    is_described(described(JOBS), parse_spec(job).model_dump(mode="json"))


@settings(max_examples=300, deadline=None)
@given(ANYTHING | jobs() | st.sampled_from(sorted(OPERATIONS)).map(lambda name: {"operation": name}))
def test_whatever_is_a_job_is_described(job: Any) -> None:
    try:
        parse_spec(job)
    except BadInput:
        return
    is_described(described(JOBS), job)


def test_every_field_of_a_body_says_what_it_means() -> None:
    silent = {
        f"{path}: {name}"
        for path, methods in document()["paths"].items()
        for body in methods.get("post", {}).get("requestBody", {}).get("content", {}).values()
        for told in body["schema"].get("anyOf", [body["schema"]])
        for name, one in told.get("properties", {}).items()
        if not one.get("description")
    }
    assert not silent
