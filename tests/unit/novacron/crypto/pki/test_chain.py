"""Chains judged by two implementations, and why they are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from novacron.crypto.pki import certificates_of, verify
from novacron.errors import BadInput
from testing.published_keys import VECTORS
from tests.unit.novacron.crypto.pki.family import DAY, HOST, NOW, below, family, key, profile, root, server
from workers.crypto.pki.issuing import Issuer, issue
from workers.crypto.pki.revocation import Revocation, make_crl

SAMPLED = datetime(2026, 1, 1, tzinfo=UTC)
FAMILIES = [
    ("ML-DSA-44", "ML-DSA-44", "ML-DSA-44"),
    ("ML-DSA-65", "ML-DSA-65", "ML-DSA-65"),
    ("ML-DSA-87", "ML-DSA-87", "ML-DSA-87"),
    ("ML-DSA-65", "ML-DSA-44", "ECDSA-P256"),
    ("ECDSA-P384", "ECDSA-P256", "ML-DSA-65"),
    ("ML-DSA-87", "ECDSA-P384", "ML-DSA-44"),
    ("ML-DSA-65", "ML-DSA-65", "ML-KEM-768"),
    ("RSA-3072", "ML-DSA-65", "RSA-3072"),
]


@pytest.mark.parametrize(("top", "middle", "leaf"), FAMILIES)
def test_pure_and_mixed_chains_hold(top, middle, leaf):
    made = family(top, middle, leaf)
    verdict = verify(made.leaf, [made.middle.certificate], [made.root.certificate], at=NOW + DAY)
    assert (verdict.valid, verdict.reasons, verdict.openssl) == (True, (), None)
    assert verdict.path == (made.leaf, made.middle.certificate, made.root.certificate)


@pytest.mark.parametrize("name", [HOST, "127.0.0.1", "WEB.example.org"])
def test_a_server_is_whom_its_certificate_names(name):
    made = family()
    verdict = verify(made.leaf, [made.middle.certificate], [made.root.certificate], at=NOW, name=name)
    assert verdict.valid, verdict.reasons


def reasons(leaf, between, roots, at=NOW + DAY, **more):
    """Why a chain is refused; it must be."""
    verdict = verify(leaf, between, roots, at=at, **more)
    assert not verdict.valid
    return " / ".join(verdict.reasons)


def test_a_server_of_another_name_is_refused():
    made = family()
    between, roots = [made.middle.certificate], [made.root.certificate]
    assert "no matching subjectAltName" in reasons(made.leaf, between, roots, name="example.com")
    assert "no matching subjectAltName" in reasons(made.leaf, between, roots, name="10.0.0.1")
    with pytest.raises(BadInput, match="must be a host name"):
        verify(made.leaf, between, roots, name="not a host")


def test_dates_are_told():
    made = family()
    between, roots = [made.middle.certificate], [made.root.certificate]
    assert "CN=web,O=Example expired on 2026-08-30" in reasons(made.leaf, between, roots, NOW + 91 * DAY)
    early = reasons(made.leaf, between, roots, NOW - DAY)
    assert early.count("is not valid before 2026-06-01") == 3


def test_a_missing_link_is_named():
    made = family()
    text = reasons(made.leaf, [], [made.root.certificate])
    assert text == "the issuer of CN=web,O=Example, CN=middle,O=Example, is neither given nor trusted"


def test_an_unknown_root_is_named():
    made, other = family(), root(name="other")
    text = reasons(made.leaf, [made.middle.certificate, made.root.certificate], [other.certificate])
    assert text == "CN=root,O=Example is signed by itself and not a trusted root"
    assert "CN=root,O=Example, is neither given nor trusted" in reasons(
        made.leaf, [made.middle.certificate], []
    )


def test_a_root_of_the_same_name_with_another_key_does_not_count():
    made = family()
    impostor = root("ML-DSA-44")
    text = reasons(made.leaf, [made.middle.certificate], [impostor.certificate])
    assert text == "CN=middle,O=Example is not signed by the trusted CN=root,O=Example"


def test_a_server_issues_nothing():
    made = family()
    crooked = Issuer(below(made.root, "ML-DSA-65", "web").certificate, key("ML-DSA-65", "web"))
    stolen = issue(profile("shop", "ML-DSA-65"), key("ML-DSA-65", "shop").public_key(), crooked)
    honest = server(made.root)  # the same key and name as the crooked CA's
    assert "is not a CA, but issued CN=shop" in reasons(stolen, [honest], [made.root.certificate])


def test_too_long_a_path_is_told():
    top = root(path_length=1)
    wide = root()  # the same key and name, without a limit
    first = below(wide, "ML-DSA-65", "first")
    second = below(first, "ML-DSA-65", "second")
    text = reasons(server(second), [first.certificate, second.certificate], [top.certificate])
    assert "CN=root,O=Example allows 1 CAs below it, there are 2" in text


def test_an_intermediate_may_be_trusted_itself():
    made = family()
    assert verify(made.leaf, [], [made.middle.certificate], at=NOW + DAY).valid


def lists(made, *revoked, at=NOW):
    return [
        make_crl(made.root, [], 1, at),
        make_crl(made.middle, [Revocation(serial, at, "superseded") for serial in revoked], 1, at),
    ]


def test_revocation_lists_are_looked_at():
    made = family("ECDSA-P384", "ML-DSA-65", "ECDSA-P256")
    between, roots = [made.middle.certificate], [made.root.certificate]
    clean = verify(made.leaf, between, roots, at=NOW + DAY, crls=lists(made, 1234))
    assert (clean.valid, clean.reasons, clean.openssl) == (True, (), None)
    crls = lists(made, made.leaf.serial_number)
    assert "CN=web,O=Example was revoked on 2026-06-01" in reasons(made.leaf, between, roots, crls=crls)
    assert verify(made.leaf, between, roots, at=NOW + DAY, crls=crls).openssl == "certificate revoked"


def test_without_a_fresh_list_from_the_right_ca_nothing_is_believed():
    made = family()
    between, roots = [made.middle.certificate], [made.root.certificate]
    missing = "no fresh revocation list of CN=middle,O=Example is given"
    assert missing in reasons(made.leaf, between, roots, crls=lists(made)[:1])
    old = reasons(made.leaf, between, roots, at=NOW + 20 * DAY, crls=lists(made))
    assert missing in old and "CN=root" in old
    forged = make_crl(Issuer(made.middle.certificate, key("ML-DSA-65", "thief")), [], 9, NOW)
    assert missing in reasons(made.leaf, between, roots, crls=[lists(made)[0], forged])


@pytest.mark.parametrize("at", range(60, 3900, 640))
def test_a_changed_byte_breaks_the_signature(at):
    made = family()
    der = bytearray(made.leaf.public_bytes(Encoding.DER))
    der[-at] ^= 1
    changed = x509.load_der_x509_certificate(bytes(der))
    verdict = verify(changed, [made.middle.certificate], [made.root.certificate], at=NOW + DAY)
    assert not verdict.valid and verdict.openssl


@pytest.mark.parametrize(("kem", "dsa"), [("768", "65"), ("1024", "87")])
def test_the_samples_of_the_standards_form_chains(kem, dsa):
    # RFC 9935, appendix C.3, is issued by the certificates of RFC 9881, appendix C.3.
    (leaf,) = certificates_of((VECTORS / "MLKEM" / f"rfc9935_ml_kem_{kem}_cert.pem").read_bytes())
    (top,) = certificates_of((VECTORS / "MLDSA" / f"rfc9881_ml_dsa_{dsa}_cert.pem").read_bytes())
    verdict = verify(leaf, [], [top], at=SAMPLED)
    assert (verdict.valid, verdict.openssl) == (True, None), verdict
    assert not verify(leaf, [], [top], at=SAMPLED + timedelta(days=365 * 30)).valid


MIXED = family("ECDSA-P384", "ECDSA-P256", "ECDSA-P256")


@given(st.integers(0, 2), st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=200)
@pytest.mark.filterwarnings("ignore:Parsed a serial number:cryptography.utils.CryptographyDeprecationWarning")
def test_a_certificate_changed_anywhere_is_unreadable_or_judged(which, at, bits):
    chain = [MIXED.leaf, MIXED.middle.certificate, MIXED.root.certificate]
    der = bytearray(chain[which].public_bytes(Encoding.DER))
    der[at % len(der)] ^= bits
    try:
        (chain[which],) = certificates_of(bytes(der))
    except BadInput:
        return
    verdict = verify(chain[0], [chain[1]], [chain[2]], at=NOW + DAY, name=HOST)
    # A root is trusted as it is: its own signature proves nothing.
    assert which == 2 or not verdict.valid
    assert verdict.valid is not bool(verdict.reasons)


def test_what_only_one_implementation_reads_is_refused():
    der = MIXED.leaf.public_bytes(Encoding.DER)
    utf8, octets = b"\x55\x04\x03\x0c\x03web", b"\x55\x04\x03\x04\x03web"  # the types of a common name
    assert utf8 in der
    (strange,) = certificates_of(der.replace(utf8, octets))
    verdict = verify(strange, [MIXED.middle.certificate], [MIXED.root.certificate], at=NOW + DAY)
    assert not verdict.valid
    assert verdict.openssl == "one of the certificates or lists is not encoded as it must be"
