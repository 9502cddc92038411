"""Every operation answers what `/openapi.json` declares, all of it and nothing else."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

import novacron
from novacron.crypto import Digest, PrivateKey, PublicKey, Recipient, seal
from testing.patience import eventually
from tests.acceptance.described import Described
from tests.acceptance.stack import ROOT, SEEDS, Stack, sleeping
from tests.acceptance.test_planning import INVENTORY

JOBS, KEYS, PLANS = "/api/quantum/jobs", "/api/crypto/keys", "/api/crypto/migration/plans"
CERTIFICATES = "/api/crypto/certificates"
BELL = 'OPENQASM 2.0;include "qelib1.inc";qreg q[2];creg c[2];h q[0];cx q[0],q[1];measure q->c;'
PEM = {"format": "pem"}
MANY = {"limit": 500}
CA = {"basic_constraints": {"ca": True}}
ISING = {"model": "tfim", "n_qubits": 2, "J": 1, "h": 1}
PROBLEM = {"maxcut": {"edges": [[0, 1], [1, 2], [0, 2]]}}
KINDS: list[dict[str, Any]] = [
    {"kind": "hybrid_vqe", "hamiltonian": ISING, "ansatz": "hardware_efficient"},
    {"kind": "hybrid_vqe", "hamiltonian": ISING, "ansatz": "hardware_efficient", "shots": 100},
    {"kind": "hybrid_qaoa", "problem": PROBLEM, "layers": 1},
    {"kind": "quantum_ml", "data": {"name": "iris"}, "model": {"name": "kernel_svm"}},
    {"kind": "pure_quantum", "circuit": {"qasm": BELL}, "shots": 10, "observables": ["ZZ"]},
    {"kind": "pure_classical", "function": "noop"},
    {"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "ML-KEM-768"},
]  # fmt: skip


@pytest.fixture(scope="module")
def api(stack: Stack) -> Iterator[Described]:
    """The API; when all tests of this file have run, every operation has been asked."""
    with stack.http() as http:
        found = Described(http)
        yield found
    assert found.answered == found.operations


def ended(api: Described, job: dict[str, Any]) -> dict[str, Any]:
    """A job once it has ended."""
    while job["status"] in ("queued", "running"):
        job = api.ask("GET", JOBS + "/{job_id}", job, params={"wait_s": 30})
    return job


def test_what_there_is(api: Described) -> None:
    assert api.ask("GET", "/healthz") == {"status": "ok", "version": novacron.__version__}
    assert api.ask("GET", "/readyz") == {"ready": True, "queues_without_worker": []}
    listed = {one["name"]: one for one in api.ask("GET", "/api/quantum/backends")["backends"]}
    one = api.ask("GET", "/api/quantum/backends/{name}", {"name": "statevector"})
    assert one["name"] == listed["statevector"]["name"] == "statevector"
    code = api.ask("GET", "/api/quantum/codes/{name}", {"name": "toric"}, params={"distance": 4})
    assert code["parameters"] == "[[32, 2, 4]]"
    assert api.ask("GET", "/api/workers")["workers"]
    assert api.ask("GET", "/api/crypto/algorithms")["algorithms"]


@pytest.mark.parametrize("spec", KINDS, ids=lambda spec: spec["kind"])
def test_jobs_of_every_kind(api: Described, spec: dict[str, Any]) -> None:
    explained = api.ask("POST", "/api/quantum/explain", json=spec)
    assert explained["kind"] == spec["kind"]
    job = ended(api, api.ask("POST", JOBS, json=spec | {"seed": next(SEEDS)}, wants=202))
    assert (job["status"], job["error"]) == ("completed", None)
    assert api.ask("GET", JOBS + "/{job_id}/tasks", job)["tasks"]
    logged = eventually(lambda: api.ask("GET", JOBS + "/{job_id}/logs", job)["lines"])
    assert logged[0]["number"] == 1


def test_the_life_of_a_sweep(api: Described) -> None:
    job = {"kind": "pure_classical", "function": "noop", "cache": False}
    asked = {"kind": "sweep", "job": job, "over": {"seed": [1, 2]}, "tags": ["described"]}
    assert api.ask("POST", "/api/quantum/explain", json=asked)["n_jobs"] == 2
    made = ended(api, api.ask("POST", JOBS, json=asked, wants=202))
    assert made["result"]["n_completed"] == 2
    assert len(api.ask("GET", JOBS + "/{job_id}/table", made)["rows"]) == 2
    grown = api.ask("POST", JOBS + "/{job_id}/extend", made, json={"over": {"seed": [3]}}, wants=202)
    assert (grown["n_jobs"], grown["n_cached"]) == (3, 2)
    assert api.ask("PATCH", JOBS + "/{job_id}", made, json={"tags": ["known"]})["tags"] == ["known"]
    assert api.ask("GET", JOBS, params={"tag": "known", "counts": True})["counts"]["completed"] == 1
    assert (
        api.ask("GET", "/api/quantum/table", params={"id": made["job_id"]})["rows"][0]["result"]["n_jobs"]
        == 2
    )


def test_the_life_of_a_session(api: Described) -> None:
    sessions = "/api/quantum/sessions"
    opened = api.ask("POST", sessions, json={"name": "described"}, wants=201)
    call = {"kind": "pure_classical", "function": "noop", "session": opened["session_id"]}
    made = ended(api, api.ask("POST", JOBS, json=call, wants=202))
    assert (made["session"], made["position"]) == (opened["session_id"], 0)
    calls = api.ask("GET", sessions + "/{session_id}/calls", opened)["calls"]
    assert [one["job_id"] for one in calls] == [made["job_id"]]
    assert api.ask("GET", sessions + "/{session_id}", opened)["n_completed"] == 1
    assert api.ask("POST", sessions + "/{session_id}/end", opened)["status"] == "ended"
    assert api.ask("GET", sessions, params={"name": "desc*"})["sessions"][0]["run"] == 1


def test_the_life_of_a_job(api: Described, tmp_path: Path) -> None:
    job = api.ask("POST", "/api/quantum/circuits/execute", json={"circuit": BELL}, params={"wait_s": 60})
    assert job["result"]["probabilities"]
    events = api.ask("GET", JOBS + "/{job_id}/events", job, params={"follow": False})
    assert b"event: placement" in events
    assert b"OPENQASM 3" in api.ask("GET", JOBS + "/{job_id}/circuit", job)
    again = ended(api, api.ask("POST", JOBS + "/{job_id}/replay", job, wants=202))
    assert again["replay_of"] == job["job_id"]
    arguments = {"folder": str(tmp_path), "failures": 1, "error": "ConnectionError"}
    failing = {"kind": "pure_classical", "function": "flaky", "arguments": arguments, "max_retries": 0}
    failed = ended(api, api.ask("POST", JOBS, json=failing, wants=202))
    assert failed["error"]["class"]
    assert ended(api, api.ask("POST", JOBS + "/{job_id}/retry", failed, wants=202))["status"] == "completed"
    (one,) = api.ask("POST", JOBS + "/batch", json={"jobs": [KINDS[5]]}, wants=202)["jobs"]
    assert ended(api, one)["status"] == "completed"
    slow = api.ask("POST", JOBS, json=sleeping(600), wants=202)
    assert api.ask("DELETE", JOBS + "/{job_id}", slow, params={"reason": "test"})["status"] == "cancelled"
    assert api.ask("GET", JOBS + "/{job_id}/cost", job)["devices"] == []
    total = api.ask("GET", "/api/quantum/costs", params={"since": "2026-01-01"})
    assert (total["qpu_s"], total["usd"]) == (0.0, 0.0)
    page = api.ask("GET", JOBS, params={"limit": 3})
    assert api.ask("GET", JOBS, params={"after": page["next"], "limit": 500})["jobs"]


def test_keys_and_what_they_sign(api: Described) -> None:
    key = api.ask("POST", KEYS + "/generate", json={"algorithm": "ML-KEM-768", "label": "x"}, wants=201)
    pem = PrivateKey.generate("Ed25519").pem()
    classical = api.ask("POST", KEYS + "/import", json={"private_key": pem}, wants=201)
    signing = api.ask("POST", KEYS + "/generate", json={"algorithm": "ML-DSA-65"}, wants=201)
    assert api.ask("GET", KEYS, params={"limit": 2})["next"]
    assert api.ask("GET", KEYS + "/{key_id}", key) == key
    digest = Digest.of(io.BytesIO(b"content"))
    wanted = {
        "key_ids": [signing["key_id"], classical["key_id"]],
        "sha512": digest.sha512,
        "length": digest.length,
    }
    assert len(api.ask("POST", "/api/crypto/signatures", json=wanted)["signatures"]) == 2
    told = api.ask("POST", KEYS + "/{key_id}/rotate", key, json={"dry_run": True})
    assert (told["refused"], told["needs"]) == (False, [])
    assert api.ask("POST", KEYS + "/{key_id}/rotate", key, json={})["version"] == 2
    for change in ("retire", "destroy"):
        assert api.ask("POST", f"{KEYS}/{{key_id}}/{change}", signing, json={"dry_run": True})["uses"]
        assert api.ask("POST", f"{KEYS}/{{key_id}}/{change}", signing)["state"].startswith(change)
    job = api.ask("POST", "/api/quantum/circuits/execute", json={"circuit": BELL}, params={"wait_s": 60})
    assert api.ask("POST", "/api/crypto/results/{job_id}/sign", job)["signature"]["value"]
    assert api.ask("POST", "/api/crypto/audit/sign")["head"]["seq"]
    page = api.ask("GET", "/api/crypto/audit", params={"limit": 2})
    assert page["next"] == 2


def test_an_envelope(api: Described) -> None:
    key = api.ask("POST", KEYS + "/generate", json={"algorithm": "X-Wing"}, wants=201)
    stored = PublicKey(key["algorithm"], base64.b64decode(key["public_key"]))
    mine = Recipient(PrivateKey.generate().public)
    header = seal(io.BytesIO(b"text"), io.BytesIO(), [Recipient(stored, f"{key['key_id']}/1")])
    wanted = {
        "header": base64.b64encode(header.encode()).decode(),
        "key_id": key["key_id"],
        "add": [mine.document()],
    }
    assert mine.name in api.ask("POST", "/api/crypto/envelopes/rewrap", json=wanted)["recipients"]


def test_certificates(api: Described) -> None:
    ca = {"algorithm": "ECDSA-P256", "subject": "CN=Answers", "validity_period": "1y", "extensions": CA}
    root = api.ask("POST", CERTIFICATES + "/generate", json=ca, wants=201)
    leaf = {"subject": "CN=leaf", "validity_period": "30d", "issuer": root["certificate_id"]}
    second = {"algorithm": "ML-DSA-65", "issuer": api.ask(
        "POST", CERTIFICATES + "/generate", json=ca | {"algorithm": "ML-DSA-65"}, wants=201
    )["certificate_id"]}  # fmt: skip
    made = api.ask(
        "POST", CERTIFICATES + "/generate", wants=201,
        json=leaf | {"algorithm": "ECDSA-P256", "companion": second},
    )  # fmt: skip
    assert made["companion"]["companion_of"] == made["certificate_id"]
    assert api.ask("GET", CERTIFICATES)["certificates"]
    assert api.ask("GET", CERTIFICATES + "/{certificate_id}", made)["chain"] == [root["certificate"]]
    subject, issuer = (x509.load_pem_x509_certificate(one["certificate"].encode()) for one in (made, root))
    question = ocsp.OCSPRequestBuilder().add_certificate(subject, issuer, hashes.SHA256()).build()
    der = question.public_bytes(Encoding.DER)
    headers = {"Content-Type": "application/ocsp-request"}
    told = api.ask("POST", CERTIFICATES + "/{certificate_id}/ocsp", root, content=der, headers=headers)
    at = root | {"question": quote(base64.b64encode(der).decode(), safe="")}
    assert api.ask("GET", CERTIFICATES + "/{certificate_id}/ocsp/{question}", at) == told
    assert api.ask("POST", CERTIFICATES + "/{certificate_id}/revoke", made, json={})["status"] == "revoked"
    assert b"X509 CRL" in api.ask(
        "GET", CERTIFICATES + "/{certificate_id}/crl", root, params={"format": "pem"}
    )
    ended(api, api.ask("POST", CERTIFICATES + "/renew", json={"dry_run": True}, wants=202))


def test_from_an_inventory_to_a_plan(api: Described, stack: Stack) -> None:
    wanted = {"store": True, "stack": True, "paths": [str(ROOT / "nowhere")]}
    job = ended(api, api.ask("POST", "/api/crypto/inventory", json=wanted, wants=202))
    found = job["result"]["inventory"]
    bill = api.ask("POST", "/api/crypto/cbom/export", json=found)
    assert api.ask("POST", "/api/crypto/cbom/import", json=bill)["assets"] == found["assets"]
    assert api.ask("GET", "/api/crypto/migration/policies")["policies"]
    for inventory in (found, INVENTORY):
        weighed = api.ask("POST", "/api/crypto/migration/assess", json={"inventory": inventory})
        assert weighed["summary"]["assets"] == len(inventory["assets"])


def test_the_life_of_a_plan(api: Described) -> None:
    wanted = {"timeline": "2 years", "inventory": INVENTORY}
    plan = api.ask("POST", "/api/crypto/migration/plan", json=wanted, wants=201)
    assert api.ask("GET", PLANS)["plans"][0]["n_steps"] == len(plan["steps"])
    assert api.ask("GET", PLANS + "/{plan_id}", plan) == plan
    assert api.ask("GET", PLANS + "/{plan_id}/status", plan)["status"] == "planned"
    for act, body in (("execute", {"dry_run": True}), ("execute", {}), ("rollback", {})):
        ended(api, api.ask("POST", f"{PLANS}/{{plan_id}}/{act}", plan, json=body, wants=202))
        assert api.ask("GET", PLANS + "/{plan_id}/status", plan)["steps"]
    watching = api.ask("POST", PLANS + "/{plan_id}/watch", plan, json={"every_s": 3600}, wants=202)
    # Nothing is left to watch of a plan that is rolled back: the job may have ended by itself.
    api.http.delete(f"/api/quantum/jobs/{watching['job_id']}")


def test_tokens_and_tenants(api: Described) -> None:
    tenant = api.ask("POST", "/api/tenants", json={"tenant": "answers", "weight": 2})
    listed = {one["tenant"]: one for one in api.ask("GET", "/api/tenants", params=MANY)["tenants"]}
    assert (tenant, listed["answers"]["weight"]) == ({"tenant": "answers", "weight": 2.0}, 2.0)
    wanted = {"name": "answers", "role": "read", "expires_s": "1d"}
    made = api.ask("POST", "/api/tokens", json=wanted, wants=201)
    new = api.ask("POST", "/api/tokens/{token_id}/rotate", made, json={"grace_s": 60}, wants=201)
    assert api.ask("POST", "/api/tokens/{token_id}/revoke", new)["cancelled_jobs"] == []
    newest = api.ask("GET", "/api/tokens", params={"limit": 2})["tokens"][0]
    assert (newest["token_id"], newest["status"]) == (new["token_id"], "revoked")
