"""Whatever is sent to the cryptographic routes is done or refused with a reason, with workers that do it."""

import base64
import json
import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from novacron import Client
from novacron.crypto import PrivateKey, PublicKey, seal
from tests.acceptance.stack import Stack
from tests.bending import VALUES, bent

CRYPTO = "/api/crypto"
PLAN = {
    "current_algorithms": ["RSA-2048", "X25519"], "target_algorithms": ["ML-KEM-768", "ML-DSA-65"],
    "timeline": {"deadline": "2040-06-30"}, "components": ["api"],
}  # fmt: skip
INVENTORY = {
    "inventory_id": "inv_1", "created_at": "2026-11-25T12:00:00Z",
    "assets": [{
        "asset_id": "a", "kind": "tls_endpoint", "name": "web", "location": "web:443", "algorithm": "X25519",
        "purposes": ["confidentiality"], "quantum_vulnerable": True, "found_at": "2026-11-25T12:00:00Z",
    }],
}  # fmt: skip
ALGORITHM = {
    "type": "cryptographic-asset", "name": "RSA-2048", "bom-ref": "rsa",
    "cryptoProperties": {"assetType": "algorithm", "algorithmProperties": {"primitive": "pke"}},
}  # fmt: skip
DONE = (200, 201, 202)
REFUSED = (400, 404, 409, 422)
bounded = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def http(stack: Stack) -> Iterator[httpx.Client]:
    """The API, which must not have met anything unforeseen by the end."""
    with stack.http() as opened:
        yield opened
    assert "Traceback" not in (stack.data / "logs" / "scheduler.log").read_text()


@pytest.fixture(scope="module")
def requests(stack: Stack) -> list[list[Any]]:
    """Good requests: address and body."""
    with stack.client() as client:
        return [[f"{CRYPTO}/{path}", body] for path, body in _good(client)]


def _good(client: Client) -> list[tuple[str, dict[str, Any]]]:
    signer, classical, opener = (
        client.keys.generate(one)["key_id"] for one in ("ML-DSA-65", "Ed25519", "X-Wing")
    )
    root = client.certificates.generate(
        "ML-DSA-44", "CN=Fuzz", validity_period="365d", extensions={"basic_constraints": {"ca": True}}
    )["certificate_id"]
    leaf = client.certificates.generate("ML-DSA-44", "CN=Leaf", validity_period="30d", issuer=root)[
        "certificate_id"
    ]
    public = client.keys.get(opener)
    envelope = BytesIO()
    header = seal(
        BytesIO(b"text"), envelope, [PublicKey("X-Wing", base64.b64decode(public["public_key"]))]
    ).encode()
    mine = PrivateKey.generate().public.document()
    return [
        ("keys/generate", {"algorithm": "ML-DSA-44", "usage": "sign", "label": "fuzz", "parameters": {}}),
        ("keys/generate", {"algorithm": "ML-KEM", "parameters": {"parameter_set": 768}}),
        ("keys/import", {"private_key": PrivateKey.generate("Ed25519").pem(), "label": "fuzz"}),
        ("keys/import", {"private_key": PrivateKey.generate().pem("secret"), "password": "secret"}),
        (f"keys/{classical}/rotate", {"algorithm": "Ed25519", "expected_version": 1}),
        (f"keys/{classical}/destroy", {"version": 1}),
        ("envelopes/rewrap", {"header": base64.b64encode(header).decode(), "key_id": opener, "add": [mine],
                              "drop": [], "classical": False}),
        ("signatures", {"key_ids": [signer, classical], "sha512": "00" * 64, "length": 3, "purpose": "x"}),
        ("certificates/generate", {
            "algorithm": "ML-DSA-44", "subject": {"CN": "web", "O": "Example"}, "issuer": root,
            "validity_period": {"days": 30}, "key_usage": ["digital_signature"],
            "extensions": {"subject_alternative_names": ["dns:example.org"], "extended_key_usage": []},
        }),
        ("certificates/generate", {"csr": "-----BEGIN CERTIFICATE REQUEST-----", "issuer": root,
                                   "validity_period": "30d"}),
        (f"certificates/{leaf}/revoke", {"reason": "superseded"}),
        ("migration/plan", PLAN),
        ("migration/assess", {"inventory": INVENTORY, "policies": ["general"], "answers": {"tested": "yes"}}),
        ("cbom/export", INVENTORY),
        ("cbom/import", {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [ALGORITHM]}),
        ("migration/plans/plan_1/execute", {"dry_run": True, "confirm": ["a"]}),
    ]  # fmt: skip


def answered(http: httpx.Client, path: str, body: bytes) -> None:
    answer = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (*DONE, *REFUSED), (answer.status_code, path, body[:500], answer.text)
    if answer.status_code in REFUSED:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


def test_the_good_requests_are_done(http: httpx.Client, requests: list[list[Any]]) -> None:
    answers = [http.post(path, json=body) for path, body in requests]
    assert [one.status_code for one in answers] == [
        201, 201, 201, 201, 200, 200, 200, 200, 201, 422, 200, 201, 200, 200, 200, 404
    ], [one.text for one in answers if one.status_code > 201]  # fmt: skip


@given(data=st.data())
@bounded
def test_bent_requests(http: httpx.Client, requests: list[list[Any]], data: st.DataObject) -> None:
    path, body = data.draw(st.sampled_from(requests))
    answered(http, path, json.dumps(data.draw(bent([body]))).encode())


@given(data=st.data(), value=VALUES)
@bounded
def test_any_json(http: httpx.Client, requests: list[list[Any]], data: st.DataObject, value: object) -> None:
    path, body = data.draw(st.sampled_from(requests))
    name = data.draw(st.sampled_from([None, *body]))
    answered(http, path, json.dumps(value if name is None else {**body, name: value}).encode())


@given(
    text=st.text(max_size=20) | st.sampled_from([f"key_{'0' * 26}", f"cert_{'0' * 26}"]),
    path=st.sampled_from([
        "keys/{}", "keys?after={}", "keys?limit={}", "audit?after={}", "audit?limit={}", "certificates/{}",
        "certificates/{}/crl", "certificates/{}/crl?format={}", "certificates/{}/ocsp/{}",
        "migration/plans/{}", "migration/plans/{}/status",
    ]),
)  # fmt: skip
@bounded
def test_any_address(http: httpx.Client, text: str, path: str) -> None:
    answer = http.get(f"{CRYPTO}/{path.replace('{}', quote(text, safe='', errors='replace'))}")
    assert answer.status_code in (200, 307, 404, 422), (answer.status_code, answer.url, answer.text)


@given(
    text=st.text(max_size=20) | st.sampled_from([f"key_{'0' * 26}"]),
    path=st.sampled_from([
        "keys/{}/rotate", "keys/{}/retire", "keys/{}/destroy", "results/{}/sign", "certificates/{}/revoke",
        "certificates/{}/ocsp", "migration/plans/{}/rollback", "migration/plans/{}/watch",
    ]),
)  # fmt: skip
@bounded
def test_changing_what_is_not_there(http: httpx.Client, text: str, path: str) -> None:
    address = f"{CRYPTO}/{path.replace('{}', quote(text, safe='', errors='replace'))}"
    answer = http.post(address)
    assert answer.status_code in (307, 404, 405, 422), (answer.status_code, answer.url, answer.text)


def test_any_bytes(http: httpx.Client, requests: list[list[Any]]) -> None:
    for path in sorted({path for path, _ in requests}):
        for body in (b"", b"{", b"[" * 100_000, b"\xff\xfe", os.urandom(50), b'{"a":NaN}', b'{"a":1e999}'):
            answered(http, path, body)
