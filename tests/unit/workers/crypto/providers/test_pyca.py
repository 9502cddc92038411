import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.crypto.providers.base import CiphertextError
from workers.crypto.providers.pyca import PycaProvider
from workers.crypto.providers.pycryptodome import PycryptodomeProvider

KNOWN = json.loads((Path(__file__).parent / "known_answers.json").read_text())
KEM, DSA = "ML-KEM-768", "ML-DSA-65"
provider = PycaProvider()


@pytest.mark.parametrize("answer", KNOWN[KEM])
def test_ml_kem_known_answers(answer):
    private = provider.load_private(KEM, bytes.fromhex(answer["seed"]))
    public = provider.public_bytes(KEM, private)
    assert hashlib.sha256(public).hexdigest() == answer["public_key_sha256"]
    for ciphertext, secret in (("ciphertext", "secret"), ("rejected_ciphertext", "rejected_secret")):
        found = provider.decapsulate(KEM, private, bytes.fromhex(answer[ciphertext]))
        assert found.hex() == answer[secret]


@pytest.mark.parametrize("answer", KNOWN[DSA])
def test_ml_dsa_known_answers(answer):
    public = provider.public_bytes(DSA, provider.load_private(DSA, bytes.fromhex(answer["seed"])))
    assert hashlib.sha256(public).hexdigest() == answer["public_key_sha256"]
    signature, message = bytes.fromhex(answer["signature"]), bytes.fromhex(answer["message"])
    assert provider.verify(DSA, public, message, signature, bytes.fromhex(answer["context"]))
    assert not provider.verify(DSA, public, message, signature), "signed with another context"


def test_signatures_are_pure_ml_dsa_with_an_empty_context():
    """Checked through the message representative of FIPS 204, algorithm 7 line 6, made with hashlib."""
    pair = provider.generate(DSA)
    message = b"empty context"
    signature = provider.sign(DSA, pair.private, message)
    key_hash = hashlib.shake_256(pair.public).digest(64)
    mu = hashlib.shake_256(key_hash + b"\x00\x00" + message).digest(64)
    pair.private.public_key().verify_mu(signature, mu)


@pytest.mark.parametrize("name", ["ML-KEM-768", "ML-KEM-1024", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"])
def test_a_key_of_which_only_the_expanded_form_is_known_works_all_the_same(name):
    other = PycryptodomeProvider()
    made = other.generate(name).private
    expanded = made.expanded_dk if "KEM" in name else made.sk
    private = provider.load_private(name, expanded)
    public = provider.public_bytes(name, private)
    assert public == other.public_bytes(name, made)
    assert provider.private_bytes(name, private) == expanded
    assert expanded.hex() not in repr(private) and repr(expanded) not in repr(private)
    if "KEM" in name:
        ciphertext, secret = provider.encapsulate(name, public)
        assert provider.decapsulate(name, private, ciphertext) == secret
        with pytest.raises(CiphertextError):
            provider.decapsulate(name, private, ciphertext[1:])
    else:
        signature = provider.sign(name, private, b"message", b"context")
        assert provider.verify(name, public, b"message", signature, b"context")


def test_an_expanded_form_that_is_not_consistent_is_refused():
    made = PycryptodomeProvider().generate(KEM).private
    for broken in (bytes(2400), made.expanded_dk[:-40] + bytes(40), bytes(2) + made.expanded_dk[2:]):
        with pytest.raises(ValueError):
            provider.load_private(KEM, broken)


def test_both_ends_agree_and_two_agreements_differ():
    pair = provider.generate(KEM)
    one, other = provider.encapsulate(KEM, pair.public), provider.encapsulate(KEM, pair.public)
    assert provider.decapsulate(KEM, pair.private, one[0]) == one[1]
    assert one[1] != other[1] and provider.generate(KEM).public != pair.public


@given(bit=st.integers(0, 8 * 1088 - 1))
@settings(max_examples=25, deadline=None)
def test_any_flipped_bit_of_a_ciphertext_gives_another_secret(bit):
    pair = provider.generate(KEM)
    ciphertext, secret = provider.encapsulate(KEM, pair.public)
    broken = bytearray(ciphertext)
    broken[bit // 8] ^= 1 << bit % 8
    assert provider.decapsulate(KEM, pair.private, bytes(broken)) != secret


@given(message=st.binary(max_size=300), bit=st.integers(0, 8 * 3309 - 1))
@settings(max_examples=15, deadline=None)
def test_any_flipped_bit_of_a_signature_is_refused(message, bit):
    pair = provider.generate(DSA)
    signature = provider.sign(DSA, pair.private, message)
    broken = bytearray(signature)
    broken[bit // 8] ^= 1 << bit % 8
    assert provider.verify(DSA, pair.public, message, signature)
    assert not provider.verify(DSA, pair.public, message, bytes(broken))
    assert not provider.verify(DSA, pair.public, message + b"!", signature)


def test_malformed_input_is_told_from_wrong_input():
    pair = provider.generate(KEM)
    with pytest.raises(CiphertextError):
        provider.decapsulate(KEM, pair.private, b"short")
    with pytest.raises(ValueError):
        provider.encapsulate(KEM, b"short")
    assert not provider.verify(DSA, provider.generate(DSA).public, b"message", b"short")


def test_a_key_pair_does_not_show_its_private_part():
    pair = provider.generate(KEM)
    assert "private" not in repr(pair)
