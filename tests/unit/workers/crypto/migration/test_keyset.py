"""Keys in files: which one is in use, which are published, and that everything else stays."""

import json
from typing import cast

import pytest
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from novacron.crypto import PrivateKey
from novacron.errors import BadInput
from workers.crypto.migration import keyset
from workers.crypto.migration.keyset import Published

# RFC 8037, appendix A: a key and its thumbprint.
RFC8037 = {
    "kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}  # fmt: skip
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
NEW = PrivateKey.generate("ML-DSA-65")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
NEW_ID = keyset.identity(NEW.public.components[0])


def pem(key):
    return key.private_bytes(
        encoding.Encoding.PEM, encoding.PrivateFormat.PKCS8, encoding.NoEncryption()
    ).decode()


def public_pem(key):
    form = (encoding.Encoding.PEM, encoding.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()


def test_a_key_is_named_by_its_thumbprint():
    public = ed25519.Ed25519PrivateKey.from_private_bytes(keyset._bytes(RFC8037["d"])).public_key()
    made = keyset.public_jwk(PrivateKey.from_pem(pem(keyset.in_use(json.dumps(RFC8037))).encode()).public)
    assert (made["x"], made["kid"]) == (RFC8037["x"], THUMBPRINT)
    assert keyset.identity(public) == keyset.identity(keyset.public_of(cast(keyset.Jwk, made)))


def test_a_key_of_ml_dsa_is_written_and_read():
    private = keyset.private_jwk(NEW)
    assert {private["kty"], private["alg"], private["use"]} == {"AKP", "ML-DSA-65", "sig"}
    assert keyset.in_use(json.dumps(private)).private_bytes_raw() == NEW.components[0].private_bytes_raw()
    assert "priv" not in keyset.public_jwk(NEW.public)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048),
    ],
)  # fmt: skip
def test_another_key_is_put_into_use(key):
    assert keyset.identity(keyset.in_use(pem(key)).public_key()) == keyset.identity(key.public_key())
    after = keyset.with_in_use(pem(key), NEW)
    assert keyset.identity(keyset.in_use(after).public_key()) == NEW_ID


def test_the_others_of_a_set_stay():
    text = json.dumps({"issuer": "x", "keys": [RFC8037, {"kty": "oct", "k": "AA"}]})
    after = json.loads(keyset.with_in_use(text, NEW))
    assert after["issuer"] == "x" and after["keys"][1:] == json.loads(text)["keys"]
    old = keyset.identity(keyset.in_use(text).public_key())
    gone = json.loads(keyset.without_others(json.dumps(after), old))
    assert [one["kty"] for one in gone["keys"]] == ["AKP", "oct"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no private key"), ("{}", "holds no private key"),
        ('{"keys": []}', "holds no private key"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no private key"),
        (json.dumps({k: v for k, v in RFC8037.items() if k != "d"}), "holds no private key"),
    ],
)  # fmt: skip
def test_what_holds_no_key_is_refused(text, why):
    with pytest.raises(BadInput, match=why):
        keyset.in_use(text)


def test_a_key_with_its_certificate_is_for_another_kind_of_target():
    text = pem(ed25519.Ed25519PrivateKey.generate()) + CERTIFICATE
    with pytest.raises(BadInput, match="holds more than a private key"):
        keyset.with_in_use(text, NEW)


@pytest.mark.parametrize("text", ["hello", "[]", '{"keys": 1}', "{}"])
def test_what_publishes_nothing_is_refused(text):
    with pytest.raises(BadInput):
        Published(text)


MEMBERS = st.sampled_from(
    [
        {k: v for k, v in RFC8037.items() if k != "d"}, {"kty": "oct"}, {"kty": "EC", "crv": "P-256"}, 1,
        None,
        {"kty": "RSA", "n": "!", "e": "AQAB"}, {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"},
    ]
)  # fmt: skip


@given(st.lists(MEMBERS, max_size=4), st.sampled_from([None, 2, 4]), st.booleans())
def test_a_published_key_comes_and_goes_and_the_others_stay(members, indent, ended):
    text = json.dumps({"keys": members, "more": {"a": [1]}}, indent=indent) + ("\n" if ended else "")
    added = Published(text).added(NEW.public)
    assert json.loads(added)["keys"][:-1] == members and NEW_ID in Published(added).keys()
    assert Published(added).added(NEW.public) == added
    assert json.loads(Published(added).removed(NEW_ID)) == json.loads(text)


def test_published_pem_comes_back_to_the_byte():
    text = "# ours\n" + public_pem(ed25519.Ed25519PrivateKey.generate())
    added = Published(text).added(NEW.public)
    assert len(Published(added).keys()) == 2 and added.startswith(text)
    assert Published(added).removed(NEW_ID) == text
