"""Keys in files: PEM of the component keys, both ways."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto import PrivateKey, PublicKey
from novacron.crypto.keys import ALGORITHMS, read
from novacron.crypto.trust import trust, trusted_keys
from novacron.errors import BadInput

KEYS = {name: PrivateKey.generate(name) for name in ALGORITHMS}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_is_written_is_read(name):
    key = KEYS[name]
    assert PrivateKey.from_pem(key.pem().encode()).public == key.public
    assert PrivateKey.from_pem(key.pem("secret").encode(), "secret").public == key.public
    assert PublicKey.from_pem(key.public.pem().encode()) == key.public
    assert PublicKey(name, key.public.raw) == key.public
    assert key.algorithm == name


def test_fingerprints_tell_algorithms_apart():
    raw = KEYS["HPKE-X25519"].public.raw
    assert PublicKey("HPKE-X25519", raw).fingerprint != PublicKey("Ed25519", raw).fingerprint
    assert len({key.public.fingerprint for key in KEYS.values()}) == len(KEYS)


def test_private_keys_are_not_shown():
    key = KEYS["X-Wing"]
    secrets = [component.private_bytes_raw() for component in key.components]
    shown = repr(key) + str(key) + repr(key.public)
    assert all(secret.hex() not in shown and repr(secret) not in shown for secret in secrets)


@pytest.mark.parametrize(
    "data",
    [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", b"x" * 100_000],
)
def test_what_is_no_key_is_refused(data):
    with pytest.raises(BadInput):
        PrivateKey.from_pem(data)
    with pytest.raises(BadInput):
        PublicKey.from_pem(data)


def test_components_of_different_algorithms_are_refused():
    mixed = KEYS["HPKE-ML-KEM-1024"].pem() + KEYS["HPKE-X25519"].pem()
    with pytest.raises(BadInput, match="one algorithm"):
        PrivateKey.from_pem(mixed.encode())


def test_a_wrong_password_is_refused_without_being_shown():
    sealed = KEYS["X-Wing"].pem("right").encode()
    for password in ("wrong", None):
        with pytest.raises(BadInput) as refused:
            PrivateKey.from_pem(sealed, password)
        assert "wrong" not in str(refused.value).replace("password is wrong", "")


@given(st.sampled_from(sorted(ALGORITHMS)), st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_raw_public_keys_of_any_bytes_are_a_key_or_refused(name, data):
    try:
        assert PublicKey(name, data).raw == data
    except BadInput:
        pass


def test_an_unknown_algorithm_is_refused():
    for make in (PrivateKey.generate, lambda name: PublicKey(name, b"")):
        with pytest.raises(BadInput, match="must be one of"):
            make("RSA")


def test_key_files(tmp_path):
    with pytest.raises(BadInput, match="nowhere"):
        read(tmp_path / "nowhere")


def test_trusted_keys_are_kept_once_each(tmp_path):
    assert trusted_keys(tmp_path) == []
    for name in ("ML-DSA-65", "ML-DSA-65", "Ed25519"):
        trust(tmp_path, KEYS[name].public)
    assert trusted_keys(tmp_path) == [KEYS["ML-DSA-65"].public, KEYS["Ed25519"].public]


def test_nothing_is_imported_before_it_is_used():
    code = "import sys, novacron; sys.exit('cryptography' in sys.modules)"
    subprocess.run([__import__("sys").executable, "-c", code], check=True)


def test_a_missing_library_is_named(monkeypatch):
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from novacron.errors import BadInput\n"
        "try: import novacron.crypto\n"
        "except BadInput as error: assert 'novacron[crypto]' in str(error)\n"
        "else: sys.exit('imported')"
    )
    subprocess.run([__import__("sys").executable, "-c", code], check=True)
