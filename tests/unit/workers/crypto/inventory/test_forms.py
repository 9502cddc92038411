"""Every form of file: what is found in it, and that nothing secret is."""

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat

from novacron.crypto import PrivateKey, Recipient, seal
from novacron.migration import Asset, InventoryError
from shared.crypto.found import Found
from testing.published_keys import VECTORS
from tests.unit.workers.crypto.inventory import forms
from tests.unit.workers.crypto.inventory.forms import (
    KEYS,
    PASSWORD,
    certificate,
    jwk,
    pem_of,
    private,
    public,
)
from workers.crypto.inventory import content, files
from workers.crypto.inventory.folders import Roots
from workers.crypto.inventory.limits import Limits, listed

DATA = Path(__file__).resolve().parents[4] / "data" / "crypto"
FINGERPRINT = "SHA256:m2Jc8DTY3KNifAwv0NeNQR6JCf/vN6V248B3HJ0UP50"
"""Of the encrypted key in the tests' data, by `ssh-keygen -l`."""
NOW = datetime.now(UTC)


def parsed(data: bytes) -> list[Found | InventoryError]:
    return list(listed(content.read(data, "here", Limits()), "here"))


def looked(data: bytes) -> list[Asset]:
    """The assets in the bytes of a file, all of which can be read."""
    assets = []
    for one in parsed(data):
        assert not isinstance(one, InventoryError), one
        assets.append(one.asset(NOW))
    return assets


def errors(data: bytes) -> list[str]:
    return [one.error for one in parsed(data) if isinstance(one, InventoryError)]


def worst(asset: Asset) -> list[str]:
    return [one.severity for one in asset.findings]


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("name", KEYS)
def test_keys_of_every_type_private_and_public(name, encoding):
    (secret,) = looked(private(name, encoding=encoding))
    (open_,) = looked(public(name, encoding))
    assert secret.algorithm == open_.algorithm == name
    assert secret.details["fingerprint"] == open_.details["fingerprint"]
    assert secret.details["private"] and not open_.details["private"]
    assert secret.quantum_vulnerable is open_.quantum_vulnerable is (not name.startswith("ML-"))
    assert "low" in worst(secret) and "low" not in worst(open_)


@pytest.mark.parametrize("form", ["seed", "expanded", "both"])
@pytest.mark.parametrize(("name", "file"), [
    ("ML-DSA-44", "MLDSA/rfc9881_ml_dsa_44"), ("ML-KEM-512", "MLKEM/rfc9935_ml_kem_512"),
])  # fmt: skip
def test_post_quantum_keys_in_all_forms_of_their_rfcs(name, file, form):
    (asset,) = looked((VECTORS / f"{file}_{form}.pem").read_bytes())
    assert asset.algorithm == name and not asset.quantum_vulnerable
    (open_,) = looked((VECTORS / f"{file}_public.pem").read_bytes())
    assert asset.details["fingerprint"] == open_.details["fingerprint"]


def test_traditional_keys():
    assert looked(private("RSA-2048", PrivateFormat.TraditionalOpenSSL))[0].key_bits == 2048
    (closed,) = looked(private("EC-P256", PrivateFormat.TraditionalOpenSSL, secret=PASSWORD))
    assert (closed.algorithm, closed.quantum_vulnerable, closed.details["encrypted"]) == ("EC", True, True)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_an_encrypted_key_is_recorded_as_such(encoding):
    (asset,) = looked(private("ML-DSA-65", encoding=encoding, secret=PASSWORD))
    assert asset.details["encrypted"] and asset.quantum_vulnerable
    assert asset.algorithm == "unknown, encrypted" and "medium" in worst(asset)


@pytest.mark.parametrize(("name", "algorithm"), [
    ("EC-P256", "ECDSA-P256"), ("RSA-2048", "RSA-2048"), ("ML-DSA-65", "ML-DSA-65"), ("Ed25519", "Ed25519"),
])  # fmt: skip
def test_certificates(name, algorithm):
    made = certificate(name, ca=True)
    (from_pem,), (from_der,) = looked(pem_of(made)), looked(made.public_bytes(Encoding.DER))
    assert from_pem.asset_id == from_der.asset_id
    assert (from_pem.kind, from_pem.algorithm) == ("certificate", algorithm)
    assert (from_pem.name, from_pem.purposes) == (f"CN={name}.example", ("authenticity",))
    assert from_pem.details["ca"] is True and from_pem.not_after == made.not_valid_after_utc
    assert from_pem.details["fingerprint"] == looked(public(name))[0].details["fingerprint"]


def test_an_expired_certificate_is_said_to_be():
    (asset,) = looked(pem_of(certificate(ends=-forms.DAY)))
    assert any("expired" in one.text for one in asset.findings)


def test_a_bundle_holds_several_and_damage_costs_only_its_block():
    bundle = b"first\n" + pem_of(certificate()) + private("Ed25519") + forms.request()
    assert [one.kind for one in looked(bundle)] == ["certificate", "key", "key"]
    damaged = bundle.replace(b"-----BEGIN PRIVATE KEY-----\nM", b"-----BEGIN PRIVATE KEY-----\n!")
    assert errors(damaged) == ["block 2, PRIVATE KEY, cannot be read"]
    assert len(list(parsed(damaged))) == 3
    cut = pem_of(certificate())[:200] + b"\n" + pem_of(certificate("RSA-2048"))
    assert errors(cut) == ["block 1, CERTIFICATE, cannot be read (it has no end)"]
    assert errors(b"-----BEGIN SECRET 1-----\nAAAA\n-----END SECRET 1-----") == [
        "block 1, of another kind, cannot be read"
    ]


def test_pkcs12():
    assert [one.kind for one in looked(forms.pkcs12_of("EC-P256"))] == ["certificate", "key"]
    (asset,) = looked(forms.pkcs12_of("EC-P256", PASSWORD))
    assert asset.details["encrypted"] and asset.name == "PKCS#12 file"


def test_a_pkcs12_that_would_take_hours_to_open_is_left_closed():
    data = (DATA / "no_password.p12").read_bytes()
    assert [one.kind for one in looked(data)] == ["certificate", "key"]
    count, more = b"\x02\x03\x01\x86\xa0", b"\x02\x03\x7f\xff\xff"
    places = [at for at in range(len(data)) if data.startswith(count, at)]
    assert len(places) == 3  # for its certificate, its key and its MAC
    for at in places:
        (asset,) = looked(data[:at] + more + data[at + len(more) :])
        assert asset.name == "PKCS#12 file"


def test_a_key_store_of_java():
    leaf, key = looked((DATA / "web.jks").read_bytes())
    assert (leaf.kind, leaf.name, leaf.algorithm) == ("certificate", "CN=java.example", "ECDSA-P256")
    assert (key.name, key.details["fingerprint"]) == ("private key web", leaf.details["fingerprint"])


def test_what_only_java_reads_is_an_error_and_the_rest_is_kept():
    data = (DATA / "old.jceks").read_bytes()
    found = list(parsed(data))
    assert errors(data) == ["the JCEKS key store is damaged, or holds keys that are read by Java only"]
    assert len(found) in (1, 3)  # by the order of its entries


def test_keys_of_openssh():
    (closed,) = looked((DATA / "id_ed25519_encrypted").read_bytes())
    assert (closed.kind, closed.algorithm, closed.details["encrypted"]) == ("ssh_key", "Ed25519", True)
    assert closed.details["fingerprint"] == FINGERPRINT
    assert looked((DATA / "id_ed25519_encrypted.pub").read_bytes())[0].details["fingerprint"] == FINGERPRINT
    (open_,) = looked(private("Ed25519", PrivateFormat.OpenSSH))
    assert worst(open_) == ["low"] and not open_.details["encrypted"]


def test_lines_of_openssh():
    lines = b"\n".join([
        b"# comment", b"", b'from="10.0.0.1",no-pty ' + forms.ssh_public("RSA-2048") + b" anna@laptop",
        b"|1|aGFzaA==|aGFzaA== " + forms.ssh_public("EC-P256"), b"web.example " + forms.ssh_public("Ed25519"),
    ])  # fmt: skip
    found = looked(lines)
    assert errors(lines + b"\nssh-ed25519 AAAAdamaged") == ["an SSH public key that cannot be read"]
    assert [one.algorithm for one in found] == ["RSA-2048", "ECDSA-P256", "Ed25519"]
    assert [one.location for one in found] == ["here:3", "here:4", "here:5"]
    assert [one.name for one in found] == [
        "anna@laptop RSA-2048",
        "SSH key ECDSA-P256",
        "web.example Ed25519",
    ]


def test_json_web_keys():
    listed = {"keys": [
        jwk(), {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "use": "enc"},
        {"kty": "OKP", "crv": "X25519", "x": "AA"}, {"kty": "oct", "k": "c2VjcmV0LXNlY3JldA", "alg": "HS256"},
        {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"},
    ]}  # fmt: skip
    found = looked(json.dumps(listed).encode())
    assert [one.algorithm for one in found] == ["RSA-2048", "EC-P256", "X25519", "HS256", "ML-DSA-65"]
    assert [one.quantum_vulnerable for one in found] == [True, True, True, False, False]
    assert found[0].purposes == ("authenticity",) and found[1].purposes == ("confidentiality",)
    assert [one.details["private"] for one in found] == [True, False, False, True, False]
    assert errors(json.dumps({"keys": [{"kty": "EC"}, jwk()]}).encode()) == [
        "key 1 is not a JSON Web Key that can be read"
    ]
    assert errors(json.dumps(jwk(n="A" * 30_000)).encode())


def test_the_thumbprint_is_that_of_the_standard():
    """RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )
    (asset,) = looked(json.dumps({"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256"}).encode())
    expected = base64.urlsafe_b64decode("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs=").hex()
    assert asset.details["fingerprint"] == f"sha256:{expected}"


def test_tokens_tell_only_their_header():
    (signed,) = looked(forms.token({"alg": "ES256", "typ": "JWT"}))
    assert (signed.algorithm, signed.purposes) == ("ES256", ("authenticity",))
    (sealed,) = looked(forms.token({"alg": "RSA-OAEP", "enc": "A256GCM"}, parts=5))
    assert (sealed.algorithm, sealed.purposes) == ("RSA-OAEP", ("confidentiality",))
    assert "c2VjcmV0" not in signed.model_dump_json() + sealed.model_dump_json()
    assert errors(b"eyJhbGciOg.e30.e30") == ["a token with a header that cannot be read"]


def test_encrypted_files(tmp_path):
    sealed = tmp_path / "a.ncrypt"
    keys = [PrivateKey.generate(name) for name in ("HPKE-X25519", "X-Wing")]
    with sealed.open("wb") as file:
        seal(io.BytesIO(b"text" * 100), file, [Recipient(one.public) for one in keys], classical=True)
    (tmp_path / "b.age").write_bytes(
        b"age-encryption.org/v1\n-> X25519 AAAA\nBBBB\n-> ssh-rsa mhir0Q\nCCCC\n--- mac\n\xff"
    )
    (tmp_path / "c.enc").write_bytes(b"Salted__12345678" + bytes(32))
    found = list(files.Search(Roots(str(tmp_path)), lambda: None)([str(tmp_path)]))
    assets = [one.asset(NOW) for one in found if not isinstance(one, InventoryError)]
    assert [(one.name, one.algorithm) for one in assets] == [
        ("a.ncrypt", "HPKE-X25519"), ("a.ncrypt", "X-Wing"), ("b.age", "X25519"), ("b.age", "RSA-OAEP"),
        ("c.enc", "AES"),
    ]  # fmt: skip
    assert {one.kind for one in assets} == {"envelope"}
    assert [one.quantum_vulnerable for one in assets] == [True, False, True, True, False]
    assert assets[0].details["size_bytes"] == sealed.stat().st_size


@pytest.mark.parametrize("data", [
    b"", b"plain text", b"\x30", b"{}", b'{"keys": [1]}',
    b"[" * 100_000, b"{" * 100_000,
    b"\x7fELF\0-----BEGIN PRIVATE KEY-----", b'x = "-----BEGIN PRIVATE KEY-----"',
])  # fmt: skip
def test_other_files_are_nothing(data):
    assert parsed(data) == []


@pytest.mark.parametrize("name", ["RSA-2048", "EC-P256", "Ed25519", "ML-DSA-65"])
def test_no_part_of_a_private_key_is_in_an_asset(name):
    der = private(name, encoding=Encoding.DER)
    told = "".join(one.model_dump_json() for one in looked(private(name)))
    tail = der[-24:] if name != "EC-P256" else der[36:60]  # the secret; for RSA the last coefficient
    for form in (tail.hex(), base64.b64encode(tail).decode().rstrip("=")):
        assert form not in told
    assert jwk()["d"][:40] not in "".join(one.model_dump_json() for one in looked(json.dumps(jwk()).encode()))
