import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.algorithms import ALGORITHMS
from workers.crypto.base import CiphertextError
from workers.crypto.pyca import PycaProvider

KNOWN = json.loads((Path(__file__).parent / "known_answers.json").read_text())
KEM, DSA = "ML-KEM-768", "ML-DSA-65"
provider = PycaProvider()


@pytest.mark.parametrize("answer", KNOWN[KEM])
def test_ml_kem_known_answers(answer):
    private = mlkem.MLKEM768PrivateKey.from_seed_bytes(bytes.fromhex(answer["seed"]))
    public = private.public_key().public_bytes_raw()
    assert hashlib.sha256(public).hexdigest() == answer["public_key_sha256"]
    for ciphertext, secret in (("ciphertext", "secret"), ("rejected_ciphertext", "rejected_secret")):
        found = provider.decapsulate(KEM, private, bytes.fromhex(answer[ciphertext]))
        assert found.hex() == answer[secret]


@pytest.mark.parametrize("answer", KNOWN[DSA])
def test_ml_dsa_known_answers(answer):
    private = mldsa.MLDSA65PrivateKey.from_seed_bytes(bytes.fromhex(answer["seed"]))
    public = private.public_key().public_bytes_raw()
    assert hashlib.sha256(public).hexdigest() == answer["public_key_sha256"]
    signature, message = bytes.fromhex(answer["signature"]), bytes.fromhex(answer["message"])
    private.public_key().verify(signature, message, bytes.fromhex(answer["context"]))
    assert not provider.verify(DSA, public, message, signature), "signed with another context"


def test_signatures_are_pure_ml_dsa_with_an_empty_context():
    """Checked through the message representative of FIPS 204, algorithm 7 line 6, made with hashlib."""
    pair = provider.generate(DSA)
    message = b"empty context"
    signature = provider.sign(DSA, pair.private, message)
    key_hash = hashlib.shake_256(pair.public).digest(64)
    mu = hashlib.shake_256(key_hash + b"\x00\x00" + message).digest(64)
    pair.private.public_key().verify_mu(signature, mu)


def test_sizes_are_those_of_the_table():
    for name, algorithm in ALGORITHMS.items():
        pair = provider.generate(name)
        assert len(pair.public) == algorithm.public_key_bytes
        assert len(pair.private.private_bytes_raw()) == algorithm.private_key_bytes
        if algorithm.type == "kem":
            ciphertext, secret = provider.encapsulate(name, pair.public)
            sizes = algorithm.ciphertext_bytes, algorithm.shared_secret_bytes
            assert (len(ciphertext), len(secret)) == sizes
        else:
            assert len(provider.sign(name, pair.private, b"")) == algorithm.signature_bytes


def test_every_algorithm_has_known_answers():
    assert set(ALGORITHMS) <= set(KNOWN)


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
