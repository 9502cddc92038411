"""The one reader of private keys, against what OpenSSL, OpenSSH and the libraries write."""

import shutil
import subprocess
import unicodedata
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa, x25519
from hypothesis import given, settings
from hypothesis import strategies as some

from novacron.crypto import PrivateKey, der, lattice_keys, pem, pkcs8, private_keys
from novacron.crypto.keys import signing_key
from novacron.errors import BadInput
from testing.published_keys import XWING

VECTORS = Path(cryptography_vectors.__file__).parent / "asymmetric"
PASSWORD = "Passwört-密码"
NOW_AND_THEN = settings(max_examples=60, deadline=None)


def pkcs8_of(key, form=encoding.PrivateFormat.PKCS8, code=encoding.Encoding.PEM, password=None):
    sealing = encoding.BestAvailableEncryption(password.encode()) if password else encoding.NoEncryption()
    return key.private_bytes(code, form, sealing)


def spki(key):
    return key.public_key().public_bytes(encoding.Encoding.DER, encoding.PublicFormat.SubjectPublicKeyInfo)


PBKDF2, SCRYPT = "06092a864886f70d01050c", "06092b06010401da47040b"
"""Object identifiers in DER."""
ED25519 = ed25519.Ed25519PrivateKey.generate()
P256 = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def test_a_password_is_utf_8():
    for name in ("ML-DSA-44", "X-Wing", "Ed25519", "ECDSA-P384"):
        key = PrivateKey.generate(name)
        assert PrivateKey.from_pem(key.pem("ä").encode(), "ä").public == key.public
        with pytest.raises(BadInput):
            PrivateKey.from_pem(key.pem("ä").encode(), "a")


@pytest.mark.parametrize("key", [ED25519, P256, RSA], ids=["Ed25519", "P-256", "RSA-2048"])
def test_openssh_keys(key, tmp_path):
    open_ = pkcs8_of(key, encoding.PrivateFormat.OpenSSH)
    assert private_keys.read(open_)[0].public == spki(key)
    path = tmp_path / "id"
    path.write_bytes(open_)
    path.chmod(0o600)
    if shutil.which("ssh-keygen"):
        subprocess.run(["ssh-keygen", "-q", "-p", "-N", PASSWORD, "-f", path], check=True)
    else:
        path.write_bytes(pkcs8_of(key, encoding.PrivateFormat.OpenSSH, password=PASSWORD))
    closed = path.read_bytes()
    assert private_keys.needs_password(closed)
    assert private_keys.read(closed, PASSWORD)[0].public == spki(key)
    for wrong in ("wrong", None):
        with pytest.raises(BadInput) as refused:
            private_keys.read(closed, wrong)
        assert refused.value.field == "password"


def version_2(key, public):
    """RFC 5958, section 2: the version is 1 and the public half follows."""
    info = pkcs8.info(pkcs8_of(key, code=encoding.Encoding.DER))
    parts = der.encoded(der.INTEGER, b"\1"), info.algorithm, der.encoded(der.OCTETS, info.private_key)
    return der.encoded(der.SEQUENCE, *parts, der.encoded(0x81, b"\0", public))


def test_version_2_with_its_public_half():
    raw = ED25519.public_key().public_bytes_raw()
    assert private_keys.read(version_2(ED25519, raw))[0].public == spki(ED25519)
    other = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(BadInput, match="do not fit together"):
        private_keys.read(version_2(ED25519, other))


def test_the_example_of_rfc_8410():
    """Section 10.3: version 2, with an attribute and the public half."""
    text = b"""-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
"""
    (part,) = private_keys.read(text)
    raw = part.key.public_key().public_bytes_raw().hex()
    assert raw == "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"


def test_seeds_of_x_wing():
    """Raw, in PKCS#8, and in PKCS#8 with a string of its own."""
    seed, expected = XWING
    wrapped = lattice_keys.xwing_pkcs8(der.encoded(der.OCTETS, seed))
    for data in (seed, lattice_keys.xwing_pkcs8(seed), wrapped, private_keys.as_pem(seed).encode()):
        key = PrivateKey.from_pem(data)
        assert (key.algorithm, key.public.raw) == ("X-Wing", expected)


def test_keys_in_any_text():
    text = pkcs8_of(ED25519)
    for data in (
        b"\xef\xbb\xbf" + text, text.decode().encode("utf-16"), text.decode().encode("utf-16-be"),
        text.replace(b"\n", b"\r\n"), text.replace(b"\n", b"\\n"), text.replace(b"\n", b"\n    "),
        b"key: |\n  " + text.replace(b"\n", b"\n  "), b'{"key": "' + text.replace(b"\n", b"\\n") + b'"}',
    ):  # fmt: skip
        assert private_keys.read(data)[0].public == spki(ED25519), data


REFUSED = [
    ("PKCS8/rsa-pbewithmd5anddescbc.pem", "pbeWithMD5AndDES-CBC"),
    ("PKCS8/enc-ec-sha1-128-rc4.pem", "pbeWithSHAAnd128BitRC4"),
    ("PKCS8/rsa-40bitrc2.pem", "RC2"),
    ("PKCS8/enc-unknown-algorithm.pem", "is encrypted with"),
    ("PKCS8/enc-unknown-kdf.pem", "derives its key"),
    ("PKCS8/enc-unknown-pbkdf2-prf.pem", "derives its key"),
    ("PKCS8/enc-rsa-pkcs8-pbkdf2-0iter.pem", "asks for 0 rounds"),
]


@pytest.mark.parametrize(("name", "reason"), REFUSED)
def test_what_is_not_opened_is_refused_with_its_reason(name, reason):
    with pytest.raises(BadInput, match=reason):
        private_keys.read((VECTORS / name).read_bytes(), "password")


@pytest.mark.parametrize(("name", "password"), [
    ("PKCS8/enc-rsa-3des.pem", "password"), ("PKCS8/enc2-rsa-pkcs8.pem", "baz"),
    ("PKCS8/ed25519-scrypt.pem", "hunter42"), ("PKCS8/rsa-aes-192-cbc.pem", "PolarSSLTest"),
    ("PKCS8/rsa_pkcs8_pbes2_pbkdf2_2048_3des_sha384.pem", "PolarSSLTest"),
    ("Traditional_OpenSSL_Serialization/key1.pem", "123456"), ("OpenSSH/ed25519-aesgcm-psw.key", "password"),
])  # fmt: skip
def test_published_keys(name, password):
    (part,) = private_keys.read((VECTORS / name).read_bytes(), password)
    assert part.key is not None


def test_costs_are_limited():
    """Before anything is derived: a key may ask for hours, or for all the memory there is."""
    closed = pkcs8_of(ED25519, code=encoding.Encoding.DER, password=PASSWORD)
    with pytest.raises(BadInput, match="rounds of PBKDF2"):
        private_keys.read(_derived_by(closed, PBKDF2, b"\x7f" * 5), PASSWORD)
    for numbers in (
        (b"\x7f" * 4, b"\x08", b"\x01"),
        (b"\x40\0", b"\x08", b"\x7f" * 3),
        (b"\x02", b"\x7f" * 4, b"\x01"),
    ):
        with pytest.raises(BadInput, match="asks for scrypt"):
            private_keys.read(_derived_by(closed, SCRYPT, *numbers), PASSWORD)


def _derived_by(closed, function, *numbers):
    """An encrypted key with other numbers for its derivation."""
    identifier, sealed = der.sequence(closed)
    scheme, parameters = identifier.parts()
    cipher = parameters.parts()[1]
    salt = der.encoded(der.OCTETS, bytes(8))
    given = der.encoded(der.SEQUENCE, salt, *(der.encoded(der.INTEGER, one) for one in numbers))
    derivation = der.encoded(der.SEQUENCE, bytes.fromhex(function), given)
    new = der.encoded(der.SEQUENCE, scheme.whole, der.encoded(der.SEQUENCE, derivation, cipher.whole))
    return der.encoded(der.SEQUENCE, new, sealed.whole)


def test_what_signs_a_request():
    assert spki(signing_key(pkcs8_of(RSA, encoding.PrivateFormat.TraditionalOpenSSL))) == spki(RSA)
    for key in (x25519.X25519PrivateKey.generate(), PrivateKey.generate("X-Wing").components[0]):
        with pytest.raises(BadInput, match="does not sign"):
            signing_key(pkcs8_of(key))


def test_a_key_without_a_seed_says_so():
    data = (VECTORS / "MLDSA" / "mldsa65_noseed_priv.der").read_bytes()
    assert private_keys.read(data)[0].seeded is False
    with pytest.raises(BadInput, match="holds no seed"):
        PrivateKey.from_pem(data)


SAMPLES = [
    pkcs8_of(ED25519), pkcs8_of(P256, password="x"), pkcs8_of(mldsa.MLDSA44PrivateKey.generate()),
    pkcs8_of(RSA, encoding.PrivateFormat.TraditionalOpenSSL),
    pkcs8_of(ED25519, encoding.PrivateFormat.OpenSSH),
    (VECTORS / "MLDSA" / "mldsa65_noseed_priv.der").read_bytes(), lattice_keys.xwing_pkcs8(bytes(32)),
]  # fmt: skip


@NOW_AND_THEN
@given(some.sampled_from(SAMPLES), some.data())
def test_damage_is_read_or_refused_in_our_words(sample, data):
    at = data.draw(some.integers(0, len(sample)))
    changed = sample[:at] + data.draw(some.binary(max_size=4)) + sample[at + data.draw(some.integers(0, 4)) :]
    try:
        private_keys.read(changed, "x")
    except BadInput as error:
        assert error.value is None


@NOW_AND_THEN
@given(some.binary(max_size=300))
def test_any_bytes_are_no_der_or_come_back(data):
    try:
        found = der.elements(data)
    except ValueError:
        return
    assert b"".join(one.whole for one in found) == data


@NOW_AND_THEN
@given(some.binary(max_size=400) | some.text().map(str.encode))
def test_any_text_is_searched_for_pem(data):
    for block in pem.blocks(b"-----BEGIN KEY-----" + data + b"-----END KEY-----"):
        assert block.end >= block.start


def test_a_password_in_another_normal_form_is_another_one_and_the_refusal_says_so():
    composed, decomposed = (unicodedata.normalize(form, "schl\u00fcssel") for form in ("NFC", "NFD"))
    sealed = PrivateKey.generate("Ed25519").pem(composed).encode()
    assert PrivateKey.from_pem(sealed, composed).algorithm == "Ed25519"
    with pytest.raises(BadInput, match="does not open") as refused:
        PrivateKey.from_pem(sealed, decomposed)
    assert "NFC" in (refused.value.hint or "")
    with pytest.raises(BadInput, match="does not open") as refused:
        PrivateKey.from_pem(sealed, "plain")
    assert refused.value.hint is None
