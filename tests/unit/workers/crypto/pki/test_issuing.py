"""What certificates hold, and what a CA may not issue."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from novacron.crypto.pki import certificates_of
from novacron.crypto.pki.names import text_of
from novacron.errors import BadInput
from testing.published_keys import VECTORS
from tests.unit.novacron.crypto.pki.family import DAY, NOW, below, family, key, profile, root, server
from workers.crypto.pki.issuing import Issuer, issue

SAMPLES = VECTORS / "MLDSA"


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


def key_of(certificate):
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificate.public_key().public_bytes(*form)


@pytest.mark.parametrize("level", ["44", "65", "87"])
def test_certificates_are_encoded_as_the_standards_samples(level):
    (sample,) = certificates_of((SAMPLES / f"rfc9881_ml_dsa_{level}_cert.pem").read_bytes())
    made = root(f"ML-DSA-{level}").certificate
    assert made.signature_algorithm_oid == sample.signature_algorithm_oid
    assert made.public_key_algorithm_oid == sample.public_key_algorithm_oid
    assert len(made.signature) == len(sample.signature)
    assert len(key_of(made)) == len(key_of(sample))
    # The parts of both identifiers' encodings are the same: no parameters (RFC 9881, section 2).
    identifier = sample.tbs_certificate_bytes.split(sample.serial_number.to_bytes(20, "big"), 1)[1][:13]
    assert identifier in made.tbs_certificate_bytes


def test_a_server_certificate_holds_what_was_asked_for():
    made = family()
    leaf = server(
        made.middle, crl_distribution_points=("http://ca.example.org/crl",),
        ocsp_responders=("http://ca.example.org/ocsp",), subject_alternative_names=(
            "a.example.org", "*.b.example.org", "10.1.2.3", "::1", "me@example.org", "spiffe://example.org/web",
        ),
    )  # fmt: skip
    assert text_of(leaf.subject) == "CN=web,O=Example"
    assert [name.value for name in leaf.subject] == ["Example", "web"]
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (NOW, NOW + 90 * DAY)
    assert leaf.serial_number.bit_length() > 100
    names = extension(leaf, x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == ["a.example.org", "*.b.example.org"]
    assert [str(one) for one in names.value.get_values_for_type(x509.IPAddress)] == ["10.1.2.3", "::1"]
    assert names.value.get_values_for_type(x509.RFC822Name) == ["me@example.org"]
    assert names.value.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://example.org/web"]
    constraints, usage = extension(leaf, x509.BasicConstraints), extension(leaf, x509.KeyUsage)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    assert (usage.critical, usage.value.digital_signature, usage.value.key_cert_sign) == (True, True, False)
    assert list(extension(leaf, x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    below_digest = extension(made.middle.certificate, x509.SubjectKeyIdentifier).value.digest
    assert extension(leaf, x509.AuthorityKeyIdentifier).value.key_identifier == below_digest
    points = extension(leaf, x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value == "http://ca.example.org/crl"
    access = extension(leaf, x509.AuthorityInformationAccess).value
    assert access[0].access_location.value == "http://ca.example.org/ocsp"


def test_a_certificate_without_a_subject_is_named_critically():
    made = family()
    nameless = profile("", "ML-DSA-65", subject_alternative_names=("a.example.org",))
    object.__setattr__(nameless, "subject", ())
    leaf = issue(nameless, key("ML-DSA-65", "web").public_key(), made.middle)
    assert extension(leaf, x509.SubjectAlternativeName).critical and len(leaf.subject.rdns) == 0


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        (profile("web", "ML-DSA-65", days=4000), "must lie within the issuer's"),
        (profile("web", "ML-DSA-65", begin=NOW - DAY), "must lie within the issuer's"),
        (profile("web", "ML-DSA-65", days=-1), "must lie within the issuer's"),
        (profile("ca", "ML-DSA-65", ca=True), "must be less than the issuer's, 1"),
        (profile("ca", "ML-DSA-65", ca=True, path_length=1), "must be less than the issuer's, 1"),
    ],
)
def test_a_ca_keeps_to_its_own_limits(wanted, rule):
    top = root(path_length=1)
    with pytest.raises(BadInput, match=rule):
        issue(wanted, key("ML-DSA-65", "web").public_key(), top)


def test_a_ca_with_no_room_below_issues_no_ca():
    last = below(root(path_length=1), "ML-DSA-65", path_length=0)
    with pytest.raises(BadInput, match="may have no CA below it"):
        below(last, "ML-DSA-65", "deeper", path_length=0)


def test_what_is_not_a_ca_issues_nothing():
    leaf = server(root())
    with pytest.raises(BadInput, match="is not a CA"):
        server(Issuer(leaf, key("ML-DSA-65", "web")))


def test_the_private_key_of_an_issuer_is_not_shown():
    assert "PrivateKey" not in repr(root()) and "private" not in repr(root())


def test_sizes_are_as_documented():
    sizes = {name: len(root(name).certificate.public_bytes(Encoding.DER)) for name in (
        "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
    )}  # fmt: skip
    assert sizes["ML-DSA-44"] < 4100 < sizes["ML-DSA-65"] < 5600 < sizes["ML-DSA-87"] < 7600
