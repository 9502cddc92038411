"""Names of algorithms from every world, sorted into what a quantum computer breaks and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.algorithms import ALGORITHMS
from novacron.migration import classify

FOUND = {
    "RSA-2048": ("any", "classical", 112),
    "rsaEncryption": ("any", "classical", None),
    "RSA-OAEP": ("encryption", "classical", None),
    "sha256WithRSAEncryption": ("signature", "classical", None),
    "rsa_pss_rsae_sha256": ("signature", "classical", None),
    "ecdsa-with-SHA384": ("signature", "classical", None),
    "ecdsa_secp256r1_sha256": ("signature", "classical", 128),
    "ECDSA-P521": ("signature", "classical", 256),
    "ssh-ed25519": ("signature", "classical", 128),
    "ES256": ("signature", "classical", 128),
    "x25519": ("kem", "classical", 128),
    "secp384r1": ("kem", "classical", 192),
    "prime256v1": ("kem", "classical", 128),
    "brainpoolP256r1": ("kem", "classical", 128),
    "ffdhe3072": ("kem", "classical", 128),
    "diffie-hellman-group14-sha256": ("kem", "classical", None),
    "EC-P256": ("any", "classical", 128),
    "HPKE-X25519": ("encryption", "classical", 128),
    "X25519MLKEM768": ("group", "standard", None),
    "SecP384r1MLKEM1024": ("group", "standard", None),
    "x25519_kyber768draft00": ("group", "round3", None),
    "mlkem768x25519-sha256": ("ssh_kex", "standard", None),
    "sntrup761x25519-sha512@openssh.com": ("ssh_kex", "standard", None),
    "ml-kem-768": ("kem", "standard", None),
    "Kyber768": ("kem", "round3", None),
    "Dilithium3": ("signature", "round3", None),
    "mldsa65": ("signature", "standard", None),
    "SLH-DSA-SHA2-128s": ("signature", "standard", None),
    "Falcon-512": ("signature", "draft", None),
    "X-Wing": ("encryption", "draft", None),
    "AES-256-GCM": ("symmetric", "classical", None),
    "chacha20-poly1305": ("symmetric", "classical", None),
}  # fmt: skip


def known(name, key_bits=None):
    found = classify(name, key_bits)
    assert found is not None
    return found


@pytest.mark.parametrize("name", FOUND)
def test_a_name_is_known_by_its_pattern(name):
    found = known(name)
    assert (found.type, found.status, found.strength_bits) == FOUND[name]
    assert found.quantum_vulnerable == (found.status == "classical" and found.type != "symmetric")
    assert known(name.swapcase().replace("-", "_")).type == found.type


@pytest.mark.parametrize("name", ["", "ROT13", "ML-KEM", "RSA-", "kyber", "P-25519x"])
def test_what_is_not_known_is_none(name):
    assert classify(name) is None


@pytest.mark.parametrize(("name", "bits", "strength"), [
    ("rsaEncryption", 2048, 112), ("RSA", 3072, 128), ("RSA", 1024, 80), ("RSA", 512, None),
    ("RSA-4096", 2048, 128), ("ssh-rsa", 2048, None), ("ecdsa-with-SHA256", 384, 192),
])  # fmt: skip
def test_a_size_says_the_strength_where_the_name_does_not(name, bits, strength):
    assert known(name, bits).strength_bits == strength


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=lambda one: one.name)
def test_it_agrees_with_the_registry(algorithm):
    found = known(algorithm.name)
    assert found.quantum_vulnerable == algorithm.quantum_vulnerable
    assert (found.status == "round3") == (algorithm.status == "round3")
    assert found.type in (algorithm.type, "any")


@given(st.text(max_size=60), st.none() | st.integers(0, 1_000_000))
def test_no_text_breaks_it(name, bits):
    found = classify(name, bits)
    assert found is None or found.name == name
