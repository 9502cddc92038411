"""Requests for certificates, made here and read from anywhere."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto.pki import certificates_of, crl_of, make_request, request_of
from novacron.crypto.pki.reading import request_text
from novacron.errors import BadInput
from tests.unit.novacron.crypto.pki.family import key, root

DATA = Path(__file__).resolve().parents[4] / "data" / "crypto"
NAMES = ("shop.example.org", "10.0.0.1", "me@example.org", "spiffe://example.org/shop")


def der_of(pem):
    return x509.load_pem_x509_csr(pem.encode()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("algorithm", ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87", "ECDSA-P256", "ECDSA-P384"])
def test_a_request_comes_back(algorithm):
    private = key(algorithm, "shop")
    pem = make_request(private, "CN=shop,O=Example", NAMES)
    for data in (pem.encode(), der_of(pem)):
        found = request_of(data)
        assert (found.algorithm, found.public) == (algorithm, private.public_key())
        assert found.subject == (("CN", "shop"), ("O", "Example"))
        assert found.alternatives == (
            "dns:shop.example.org", "ip:10.0.0.1", "email:me@example.org", "uri:spiffe://example.org/shop",
        )  # fmt: skip


def test_names_that_break_a_rule_are_not_asked_for():
    with pytest.raises(BadInput, match="host name") as refused:
        make_request(key("ECDSA-P256"), "CN=shop", ["a b"])
    assert refused.value.field == "alternatives[0]"


def asking(private, *, subject=(), names=(), hash_name=None):
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(list(subject)))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    return builder.sign(private, hash_name).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("private", "hash_name"),
    [
        (ed25519.Ed25519PrivateKey.generate(), None),
        (ec.generate_private_key(ec.SECP521R1()), hashes.SHA512()),
        (rsa.generate_private_key(65537, 1024), hashes.SHA256()),
    ],
)
def test_keys_that_certificates_are_not_made_for_are_refused(private, hash_name):
    with pytest.raises(BadInput, match="not made for keys of this kind"):
        request_of(asking(private, hash_name=hash_name))


def test_names_from_outside_keep_the_rules():
    private = key("ML-DSA-44")
    with pytest.raises(BadInput, match="attribute that is not taken"):
        request_of(asking(private, subject=[x509.NameAttribute(x509.NameOID.PSEUDONYM, "x")]))
    with pytest.raises(BadInput, match="form that is not taken"):
        request_of(asking(private, names=[x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))]))
    with pytest.raises(BadInput, match="host name") as refused:
        request_of(asking(private, names=[x509.DNSName("a b")]))
    assert refused.value.field == "alternatives[0]"


def test_a_request_with_another_key_put_in_is_refused():
    der = der_of(make_request(key("ML-DSA-44", "shop"), "CN=shop"))
    own, other = (key("ML-DSA-44", whose).public_key().public_bytes_raw() for whose in ("shop", "thief"))
    assert own in der
    with pytest.raises(BadInput, match="is not signed by the key it holds"):
        request_of(der.replace(own, other))


REQUESTS = [der_of(make_request(key(one, "shop"), "CN=shop,O=Example", NAMES)) for one in (
    "ML-DSA-44", "ECDSA-P256",
)]  # fmt: skip


@given(st.sampled_from(REQUESTS), st.data())
@settings(max_examples=200)
def test_a_request_changed_anywhere_is_refused_or_still_says_the_same(der, data):
    changed = bytearray(der)
    at = data.draw(st.integers(0, len(der) - 1) | st.integers(0, 200).map(lambda one: one % len(der)))
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        found = request_of(bytes(changed))
    except BadInput:
        return
    assert found == request_of(der), "the signature's own encoding has a bit that does not count"


@pytest.mark.parametrize("read", [request_of, crl_of, certificates_of])
@pytest.mark.parametrize("data", [
    b"", b"x", b"0", b"\x30\x80", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----", bytes(2_000_000),
])  # fmt: skip
def test_what_is_none_of_them_is_refused(read, data):
    with pytest.raises(BadInput):
        read(data)


def test_a_file_may_hold_much_beside_certificates_but_not_too_many():
    top = root().certificate
    pem = top.public_bytes(Encoding.PEM)
    private = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    assert certificates_of(b"# ours\n" + private + pem + pem) == [top, top]
    assert certificates_of(top.public_bytes(Encoding.DER)) == [top]
    with pytest.raises(BadInput, match="holds 101"):
        certificates_of(pem * 101)
    with pytest.raises(BadInput, match="holds 0"):
        certificates_of(private)


@pytest.mark.parametrize("name", ["sha1", "md5"])
def test_a_broken_hash_is_the_reason(name):
    der = (DATA / f"signed_with_{name}.csr.der").read_bytes()
    for data in (der, request_text(der).encode()):
        with pytest.raises(BadInput, match=rf"signed with {name}With.*, whose hash is broken"):
            request_of(data)


def test_a_file_with_two_requests_is_refused():
    one = make_request(key("ECDSA-P256", "a"), "CN=a")
    for read in (request_of, request_text):
        with pytest.raises(BadInput, match="must hold one certificate request, holds 2"):
            read((one + one).encode())
        with pytest.raises(BadInput, match="holds 0"):
            read(pem_of_certificate())


def pem_of_certificate():
    return root().certificate.public_bytes(Encoding.PEM)


def test_der_becomes_pem():
    pem = make_request(key("ECDSA-P256", "a"), "CN=a")
    assert request_text(der_of(pem)) == request_text(pem.encode()) == pem
    for data in (b"", b"0", b"nothing", b"\x30\x03\x02\x01"):
        with pytest.raises(BadInput, match="not a readable certificate request"):
            request_text(data)


def test_any_key_that_signs_asks():
    for private in (rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()):
        assert request_text(make_request(private, "CN=a").encode())
    with pytest.raises(BadInput, match="do not sign"):
        make_request(x25519.X25519PrivateKey.generate(), "CN=a")
