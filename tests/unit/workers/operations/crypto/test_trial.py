import base64
import hashlib
import json
import logging

import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa

from novacron.algorithms import find
from novacron.errors import BadInput
from shared.crypto import libraries
from testing.contexts import context
from workers.crypto.providers.pyca import PycaProvider
from workers.operations.crypto import trial
from workers.runtime.outcome import UserError


def perform(**spec):
    task = context({"kind": "cryptographic", "seed": 7} | spec, queue="crypto")
    value = getattr(trial, spec["operation"])(task).value
    assert value["deterministic"] is False
    assert json.loads(json.dumps(value)) == value
    return value


@pytest.mark.parametrize("algorithm", ["ML-KEM-768", "ML-DSA-65"])
def test_generate_keypair_gives_a_public_key_and_its_id(algorithm):
    value = perform(operation="generate_keypair", algorithm=algorithm)
    public = base64.b64decode(value["public_key"])
    assert value["key_id"] == hashlib.sha256(algorithm.encode() + b"\0" + public).hexdigest()
    assert value["private_key"].startswith("destroyed")
    assert perform(operation="generate_keypair", algorithm=algorithm)["key_id"] != value["key_id"]


def test_kem_roundtrip():
    value = perform(operation="kem_roundtrip", algorithm="ML-KEM-768")
    assert value["secrets_match"] is True and value["tampered_rejected"] is True
    assert value["sizes"] == {"public_key_bytes": 1184, "ciphertext_bytes": 1088, "shared_secret_bytes": 32}
    assert set(value["timings"]) == {"generate_ms", "encapsulate_ms", "decapsulate_ms"}


@pytest.mark.parametrize("message", [b"pay Bob 10", b""])
def test_sign_verify_gives_a_signature_anyone_can_check(message):
    payload = base64.b64encode(message).decode()
    value = perform(operation="sign_verify", algorithm="ML-DSA-65", payload=payload)
    assert value["verified"] is True and value["tampered_rejected"] is True
    public = mldsa.MLDSA65PublicKey.from_public_bytes(base64.b64decode(value["public_key"]))
    public.verify(base64.b64decode(value["signature"]), message)
    assert value["message_sha256"] == hashlib.sha256(message).hexdigest()


def test_no_secret_is_returned_or_logged(monkeypatch, caplog):
    secrets: list[bytes] = []
    generate, encapsulate = PycaProvider.generate, PycaProvider.encapsulate

    def spied_generate(self, algorithm):
        pair = generate(self, algorithm)
        secrets.append(pair.private.private_bytes_raw())
        return pair

    def spied_encapsulate(self, algorithm, public):
        ciphertext, secret = encapsulate(self, algorithm, public)
        secrets.append(secret)
        return ciphertext, secret

    monkeypatch.setattr(PycaProvider, "generate", spied_generate)
    monkeypatch.setattr(PycaProvider, "encapsulate", spied_encapsulate)
    with caplog.at_level(logging.DEBUG):
        values = [
            perform(operation="generate_keypair", algorithm="ML-DSA-65"),
            perform(operation="kem_roundtrip", algorithm="ML-KEM-768"),
        ]
    text = json.dumps(values) + caplog.text
    assert len(secrets) == 3
    for secret in secrets:
        assert secret.hex() not in text and base64.b64encode(secret).decode() not in text


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"operation": "sign_verify", "algorithm": "ML-KEM-768"}, "needs a signature algorithm"),
        ({"operation": "kem_roundtrip", "algorithm": "ML-DSA-65"}, "needs a kem algorithm"),
        ({"operation": "kem_roundtrip", "algorithm": "ML-KEM-786"}, "did you mean 'ML-KEM-768'"),
        ({"operation": "sign_verify", "algorithm": "ML-DSA-65", "payload": "%"}, "must be base64"),
    ],
)
def test_wrong_requests_are_refused_with_the_cure(spec, message):
    with pytest.raises((UserError, BadInput), match=message):
        perform(**spec)


@pytest.mark.parametrize(
    ("operation", "name", "standard"),
    [("kem_roundtrip", "Kyber768", "ML-KEM-768"), ("sign_verify", "dilithium-5", "ML-DSA-87")],
)
def test_a_third_round_submission_says_what_the_standard_is(operation, name, standard):
    """Whether a library here has it or not."""
    text = f"the standard is {standard}: the two do not understand each other"
    if libraries.present(find(name)):
        assert perform(operation=operation, algorithm=name)["note"] == text
    else:
        with pytest.raises(BadInput) as caught:
            perform(operation=operation, algorithm=name)
        assert caught.value.hint == text


@pytest.mark.parametrize("name", [n for n in ("Kyber512", "Dilithium3") if libraries.present(find(n))])
def test_a_third_round_submission_works_by_its_own_name(name):
    operation = "kem_roundtrip" if name == "Kyber512" else "sign_verify"
    value = perform(operation=operation, algorithm=name)
    assert value["tampered_rejected"] is True and value["provider"] == "liboqs"
    assert (value["algorithm"], value["note"][:15]) == (name, "the standard is")
