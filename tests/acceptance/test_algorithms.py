"""The algorithms as users see and try them; which of them work depends on the libraries here."""

import base64
import json
from typing import Any

import pytest

from novacron import Client
from novacron.algorithms import ALGORITHMS, find
from novacron.errors import BadInput, JobFailed
from shared.crypto import libraries
from shared.crypto.permitted import EVERYTHING
from testing.patience import PATIENCE_S
from testing.published_keys import VECTORS
from tests.acceptance.stack import Stack
from workers.crypto import providers

CONTEXT = "acceptance"
FAST = [
    name
    for name, one in ALGORITHMS.items()
    if libraries.present(one) and not name.startswith(("RSA", "SLH", "Classic")) and one.type != "encryption"
]


def tried(stack: Stack, name: str) -> dict[str, Any]:
    operation = "kem_roundtrip" if find(name).type == "kem" else "sign_verify"
    return stack.result({"kind": "cryptographic", "operation": operation, "algorithm": name})


def test_the_listing_says_what_can_be_used_here(stack: Stack, client: Client) -> None:
    listed = client.algorithms()
    assert listed == json.loads(json.dumps(libraries.listing(EVERYTHING)))
    assert {row["name"] for row in listed["algorithms"]} == {
        *listed["kem_algorithms"], *listed["signature_algorithms"], *listed["encryption_algorithms"]
    }  # fmt: skip
    shown = stack.run("crypto", "algorithms").stdout
    assert "ML-DSA-65" in shown and "cryptography" in shown
    assert stack.document("crypto", "algorithms") == listed


@pytest.mark.parametrize("name", FAST)
def test_every_algorithm_here_can_be_tried(stack: Stack, name: str) -> None:
    result = tried(stack, name)
    assert result["tampered_rejected"] is True
    assert result.get("secrets_match", result.get("verified")) is True
    assert result["provider"] == libraries.present(find(name))[0]
    assert result["sizes"]["public_key_bytes"] == find(name).public_key_bytes
    assert ("note" in result) is (find(name).status == "round3")


def test_a_third_round_submission_that_is_not_here_says_what_the_standard_is(stack: Stack) -> None:
    absent = [
        name for name, one in ALGORITHMS.items() if one.status == "round3" and not libraries.present(one)
    ]
    for name in absent[:1]:
        job = stack.submit(
            {"kind": "cryptographic", "operation": "generate_keypair", "algorithm": name.lower()}
        )
        with pytest.raises(JobFailed, match="the two do not understand each other"):
            job.result(timeout=PATIENCE_S)


def test_a_wrong_name_is_answered_before_there_is_a_job(stack: Stack) -> None:
    with pytest.raises(BadInput) as caught:
        stack.submit({"kind": "cryptographic", "operation": "kem_roundtrip", "algorithm": "kyber786"})
    assert "Kyber768" in str(caught.value.hint)


@pytest.mark.parametrize("form", ["seed", "expanded", "both"])
def test_a_key_signs_in_whatever_form_it_was_imported(stack: Stack, client: Client, form: str) -> None:
    text = (VECTORS / f"MLDSA/rfc9881_ml_dsa_65_{form}.pem").read_text()
    key = client.keys.import_(text, label=form)
    wanted = {"kind": "cryptographic", "key_id": key["key_id"], "payload": "aGVsbG8=", "context": CONTEXT}
    signed = stack.result(wanted | {"operation": "sign"})
    checked = stack.result(wanted | {"operation": "verify", "signature": signed["signature"]})
    assert checked["verified"] is True
    public = base64.b64decode(key["public_key"])
    for provider in ("cryptography", "pycryptodome"):
        signature = base64.b64decode(signed["signature"])
        good = providers.provider(provider).verify("ML-DSA-65", public, b"hello", signature, CONTEXT.encode())
        assert good, provider


def test_an_inconsistent_key_is_refused_and_not_shown(client: Client) -> None:
    text = (VECTORS / "MLDSA/rfc9881_ml_dsa_44_inconsistent_1.pem").read_text()
    with pytest.raises(BadInput) as caught:
        client.keys.import_(text)
    assert not any(line in str(caught.value) for line in text.splitlines())
