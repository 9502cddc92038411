"""Whatever is posted is accepted or refused with a reason: the API itself never fails."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.conftest import JOBS, NOOP, Api

GRAPH = {"n_nodes": 3, "edges": [[0, 1], [1, 2]], "weights": [1.0, -2.0]}
TABLE = {"features": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.9]], "labels": [0, 1, 0, 1]}
SPECS = [
    {
        "kind": "hybrid_vqe", "hamiltonian": {"terms": [["ZZ", 1.0], ["XI", 0.5]], "hf_bitstring": "10"},
        "ansatz": {"name": "hardware_efficient", "layers": 1}, "optimizer": {"name": "spsa"}, "shots": 10,
        "starts": 2,
    },
    {"kind": "hybrid_vqe", "hamiltonian": {"model": "hubbard", "n_sites": 2}, "ansatz": {"name": "uccsd"}},
    {"kind": "hybrid_vqe", "hamiltonian": {"fcidump": "&FCI NORB=1,NELEC=2,MS2=0 &END\n"}, "ansatz": "uccsd"},
    {"kind": "hybrid_qaoa", "problem": {"maxcut": GRAPH}, "layers": 2, "init": "interp"},
    {"kind": "hybrid_qaoa", "problem": {"ising": {"h": [1.0, 0.0], "J": [[0, 1, 1.0]]}}},
    {"kind": "quantum_ml", "data": TABLE, "model": {"name": "kernel_svm", "C": 1.0}, "test_fraction": 0.25},
    {"kind": "quantum_ml", "data": {"name": "moons", "n_samples": 20}, "model": "variational_classifier"},
    {"kind": "pure_quantum", "circuit": {"qasm": "OPENQASM 3.0;\nqubit[2] q;\n"}, "observables": ["XX"]},
    {"kind": "pure_classical", "function": "hartree_fock", "arguments": {"hamiltonian": "Z"}},
    {"kind": "pure_classical", "function": "maxcut_brute_force", "map": [{"maxcut": GRAPH}]},
    {"kind": "cryptographic", "operation": "sign_verify", "algorithm": "ML-DSA-65", "payload": "aGVsbG8="},
    NOOP | {"depends_on": ["0123456789abcdef"], "budget": {"usd": 1.0}, "timeout_s": 5, "max_retries": 1},
]  # fmt: skip

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "\x00",
        "\ud800",
        "auto",
        "ZZ",
        "../x",
        "${x}",
        "%s",
        "'; --",
        "1e999",
        "a" * 300,
        "statevector",
        "\u202e",
    ]
)
NUMBERS = (
    st.integers(-3, 40)
    | st.sampled_from([2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**400, -1])
    | st.floats(allow_nan=False)
    | st.sampled_from([1e308, 5e-324, -0.0])
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@st.composite
def bent(draw: st.DrawFn) -> object:
    """A good job with up to three things in it replaced, added or taken away."""
    document = json.loads(json.dumps(draw(st.sampled_from(SPECS))))
    for _ in range(draw(st.integers(1, 3))):
        place = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys)) if keys else None
            inner = place[key] if key is not None else None
            if key is not None and isinstance(inner, dict | list) and draw(st.booleans()):
                place = inner
                continue
            break
        change = draw(st.sampled_from(["replace", "add", "remove"]))
        if change == "add" and isinstance(place, dict):
            place[draw(TEXTS)] = draw(VALUES)
        elif change == "remove" and key is not None:
            del place[key]
        elif key is not None:
            place[key] = draw(VALUES)
    return document


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


@given(bent())
@bounded
def test_bent_jobs_never_break_the_api(api: Api, document):
    answered(api, JOBS, json.dumps(document).encode())


@given(bent())
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
