"""Weak keys and broken signatures are named, wherever on the path they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from novacron.crypto.pki import verify
from novacron.crypto.pki.strength import broken_hash, weaknesses
from tests.unit.novacron.crypto.pki.family import DAY, HOST, NOW, family


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(
    common: str, key: Any, issuer: tuple[str, Any], *, ca: bool = False,
    begin: datetime = NOW,
) -> x509.Certificate:  # fmt: skip
    """A certificate as other software may have made it."""
    above, signer = issuer
    built = (
        x509.CertificateBuilder()
        .subject_name(name(common)).issuer_name(name(above)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(begin + 90 * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
        critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )  # fmt: skip
    if ca:
        usage = dict.fromkeys((
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
            "key_agreement",
            "encipher_only", "decipher_only",
        ), False)  # fmt: skip
        built = built.add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
    else:
        built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    return built.sign(signer, hashes.SHA256())


RSA_1024, RSA_2048 = rsa.generate_private_key(65537, 1024), rsa.generate_private_key(65537, 2048)
P256, P192 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP192R1())
DSA = dsa.generate_private_key(2048)


SHA256_WITH_RSA, SHA1_WITH_RSA = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")


def over_sha1(der: bytes, signed: bytes, signature: bytes) -> bytes:
    """What RSA-2048 has signed, signed anew over SHA-1, as the library no longer does."""
    changed = signed.replace(SHA256_WITH_RSA, SHA1_WITH_RSA)
    new = RSA_2048.sign(changed, padding.PKCS1v15(), hashes.SHA1())
    return der.replace(SHA256_WITH_RSA, SHA1_WITH_RSA).replace(signature, new)


def certificate_over_sha1(*given: Any, **more: Any) -> x509.Certificate:
    one = certificate(*given, **more)
    der = over_sha1(one.public_bytes(Encoding.DER), one.tbs_certificate_bytes, one.signature)
    return x509.load_der_x509_certificate(der)


def judged(leaf_key: Any, ca_key: Any, host: str | None = None) -> Any:
    root = certificate("root", ca_key, ("root", ca_key), ca=True)
    leaf = certificate("leaf", leaf_key, ("root", ca_key))
    return verify(leaf, [], [root], at=NOW + DAY, name=host)


@pytest.mark.parametrize("host", [None, HOST])
@pytest.mark.parametrize(("leaf", "ca", "says"), [
    (RSA_1024, P256, "the key of CN=leaf is too weak: RSA of 1024 bits, 2048 are the least"),
    (P256, RSA_1024, "the key of CN=root is too weak: RSA of 1024 bits, 2048 are the least"),
    (P192, P256, "the key of CN=leaf is too weak: the curve secp192r1 of 192 bits, 224 are the least"),
    (DSA, P256, "the key of CN=leaf is too weak: DSA of 2048 bits, which is no longer for signatures"),
])  # fmt: skip
def test_a_weak_key_is_named(leaf: Any, ca: Any, says: str, host: str | None) -> None:
    verdict = judged(leaf, ca, host=host)
    assert not verdict.valid and says in verdict.reasons


@pytest.mark.parametrize("host", [None, HOST])
def test_a_strong_path_is_good(host: str | None) -> None:
    for leaf, ca in ((P256, P256), (RSA_2048, P256), (P256, RSA_2048)):
        assert judged(leaf, ca, host=host).reasons == ()
    whole = family()
    assert weaknesses([whole.leaf, whole.middle.certificate, whole.root.certificate], []) == []


def test_a_broken_signature_is_named() -> None:
    root = certificate("root", RSA_2048, ("root", RSA_2048), ca=True)
    verdict = verify(certificate_over_sha1("leaf", P256, ("root", RSA_2048)), [], [root], at=NOW + DAY)
    assert not verdict.valid
    assert "CN=leaf is signed with SHA-1, for which forgeries can be computed" in verdict.reasons


class Stub:
    """A certificate whose signature the library would not make any more."""

    def __init__(self, hash_name: str | None) -> None:
        self.signature_hash_algorithm = type("Hash", (), {"name": hash_name})() if hash_name else None


@pytest.mark.parametrize(
    ("digest", "told"),
    [("md5", "MD5"), ("sha1", "SHA-1"), ("sha256", None), ("sha3-256", None), (None, None)],
)
def test_each_broken_hash_has_its_name(digest: str | None, told: str | None) -> None:
    assert broken_hash(Stub(digest)) == told  # type: ignore[arg-type]


def test_a_roots_own_signature_is_not_looked_at() -> None:
    root = certificate_over_sha1("root", RSA_2048, ("root", RSA_2048), ca=True)
    leaf = certificate("leaf", P256, ("root", RSA_2048))
    assert verify(leaf, [], [root], at=NOW + DAY).valid
    assert weaknesses([leaf, root], []) != []


def test_a_revocation_list_over_a_broken_hash_says_nothing() -> None:
    root = certificate("root", RSA_2048, ("root", RSA_2048), ca=True)
    leaf = certificate("leaf", P256, ("root", RSA_2048))
    good = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name("root")).last_update(NOW).next_update(NOW + timedelta(days=7))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(RSA_2048.public_key()),
        critical=False)
        .sign(RSA_2048, hashes.SHA256())
    )  # fmt: skip
    bad = x509.load_der_x509_crl(
        over_sha1(good.public_bytes(Encoding.DER), good.tbs_certlist_bytes, good.signature)
    )
    told = verify(leaf, [], [root], at=NOW + DAY, crls=[bad]).reasons
    assert "the revocation list of CN=root is signed with SHA-1" in told
    assert verify(leaf, [], [root], at=NOW + DAY, crls=[good]).valid
