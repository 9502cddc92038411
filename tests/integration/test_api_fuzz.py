"""Whatever is posted is accepted or refused with a reason: the API itself never fails."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bending import VALUES, bent
from tests.integration.conftest import JOBS, NOOP, Api

GRAPH = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [1.0, -2.0]}
TABLE = {"features": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.9]], "labels": [0, 1, 0, 1]}
KEY = "key_01M88Z1GY2B5FKT3MFJ372XG2M"
SPECS = [
    {
        "kind": "hybrid_vqe", "hamiltonian": {"terms": [["ZZ", 1.0], ["XI", 0.5]], "hf_bitstring": "10"},
        "ansatz": {"name": "hardware_efficient", "layers": 1}, "optimizer": {"name": "spsa"}, "shots": 10,
        "starts": 2,
    },
    {"kind": "hybrid_vqe", "hamiltonian": {"model": "hubbard", "n_sites": 2}, "ansatz": {"name": "uccsd"}},
    {
        "kind": "hybrid_vqe", "hamiltonian": {"fcidump": "&FCI NORB=1,NELEC=2 /\n-1 1 1 0 0"},
        "ansatz": "uccsd",
    },
    {"kind": "hybrid_qaoa", "problem": {"maxcut": GRAPH}, "layers": 2, "init": "interp"},
    {"kind": "hybrid_qaoa", "problem": {"ising": {"h": [1.0, 0.0], "J": [[0, 1, 1.0]]}}},
    {"kind": "quantum_ml", "data": TABLE, "model": {"name": "kernel_svm", "C": 1.0}, "test_fraction": 0.25},
    {"kind": "quantum_ml", "data": {"name": "moons", "n_samples": 20}, "model": "variational_classifier"},
    {"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0;\nqubit[2] q;\n"}, "observables": ["XX"]},
    {"kind": "pure_classical", "function": "hartree_fock", "arguments": {"hamiltonian": "Z"}},
    {"kind": "pure_classical", "function": "maxcut_brute_force", "map": [{"maxcut": GRAPH}]},
    {"kind": "cryptographic", "operation": "sign_verify", "algorithm": "ML-DSA-65", "payload": "aGVsbG8="},
    {
        "kind": "cryptographic", "operation": "rewrap_envelope", "key_id": KEY, "header": "TkNSWVBU",
        "add": [{"algorithm": "X-Wing", "public_key": "AAAA", "name": "me"}], "drop": ["you"],
    },
    {"kind": "cryptographic", "operation": "sign_bundle", "key_ids": [KEY, KEY], "sha512": "00" * 64,
     "length": 3},
    {"kind": "cryptographic", "operation": "import_key", "sealed": "AAAA", "transport_key": KEY},
    {
        "kind": "cryptographic", "operation": "generate_certificate", "algorithm": "ML-DSA-65",
        "subject": {"common_name": "example.org"}, "validity_period": {"days": 90},
        "extensions": {"subject_alternative_name": ["dns:example.org"]},
    },
    NOOP | {"depends_on": ["0123456789abcdef"], "budget": {"usd": 1.0}, "timeout_s": 5, "max_retries": 1},
]  # fmt: skip


def answered(api: Api, path: str, body: bytes, headers: dict[str, str] | None = None) -> None:
    answer = api.http.post(path, content=body, headers=headers)
    if answer.status_code in (200, 201, 202):
        assert answer.headers["content-type"] == "application/json"
        return
    assert answer.status_code in (400, 422), (answer.status_code, body[:500])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


bounded = settings(
    max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@given(bent(SPECS))
@bounded
def test_bent_jobs_never_break_the_api(api: Api, document):
    answered(api, JOBS, json.dumps(document).encode())


@given(bent(SPECS))
@bounded
def test_bent_jobs_never_break_explain(api: Api, document):
    answered(api, "/api/quantum/explain", json.dumps(document).encode())


@given(
    VALUES, st.sampled_from([JOBS, "/api/quantum/circuits/execute", "/api/quantum/explain", "/api/tokens"])
)
@bounded
def test_any_json_never_breaks_the_api(api: Api, value, path):
    answered(api, path, json.dumps(value).encode(), {"Content-Type": "application/json"})


@given(st.binary(max_size=60), st.sampled_from([JOBS, "/api/quantum/explain", "/api/tokens"]))
@bounded
def test_any_bytes_never_break_the_api(api: Api, body, path):
    answered(api, path, body, {"Content-Type": "application/json"})


@given(
    st.dictionaries(
        st.sampled_from(["name", "role", "tenant", "expires_s", "x"]), VALUES | st.just("read"), max_size=5
    )
)
@bounded
def test_any_token_request_never_breaks_the_api(api: Api, wanted):
    answered(api, "/api/tokens", json.dumps(wanted).encode(), {"Content-Type": "application/json"})


@given(st.text(max_size=20), st.sampled_from(["", "/events?follow=false", "?wait_s=0"]))
@bounded
def test_any_path_never_breaks_the_api(api: Api, text, rest):
    from urllib.parse import quote

    answer = api.http.get(f"{JOBS}/{quote(text, safe='', errors='replace')}{rest}")
    assert answer.status_code in (200, 404, 307), answer.text
