"""The names that a served certificate has, so that its next one loses none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from workers.crypto.migration import profile
from workers.crypto.migration.targets import Certificate


def certificate(common_name, *alternatives, others=()):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    pairs = [*others, (x509.NameOID.COMMON_NAME, common_name)]
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    if alternatives:
        names = x509.SubjectAlternativeName([x509.DNSName(one) for one in alternatives])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize(
    ("common_name", "alternatives", "names"),
    [
        ("web.Example", (), ("dns:web.example",)),
        ("*.web.example", (), ("dns:*.web.example",)),
        ("other.example", ("Web.example",), ("dns:web.example",)),
        ("Example Web Server 1.0", (), ()),
        ("web", (), ()),
    ],
)
def test_the_subject_names_the_host_where_nothing_else_does(common_name, alternatives, names):
    assert profile.of(certificate(common_name, *alternatives)).names == names


IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")
OTHERS = (
    (x509.NameOID.COUNTRY_NAME, "DE"),
    (x509.NameOID.ORGANIZATION_NAME, "Example, Ltd."),
    (x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "Web"),
    (x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "Edge"),
)


def target(*names, dropped=()):
    return Certificate("web", Path("/c.pem"), Path("/k.pem"), "cert_1", names, dropped=dropped)


@pytest.mark.parametrize(
    ("common_name", "names", "kept"),
    [
        ("web.example", ("web.example", "www.example"), "web.example"),
        ("www.example", ("web.example", "*.example"), "www.example"),
        ("Example Web Server 1.0", ("web.example",), "Example Web Server 1.0"),
    ],
)
def test_the_subject_stays_what_it_is(common_name, names, kept):
    served = profile.of(certificate(common_name, *names, others=OTHERS))
    made = profile.next_of(served, target(*names), "ML-DSA-65")
    assert made.subject == (("CN", kept), ("OU", "Edge"), ("OU", "Web"), ("O", "Example, Ltd."), ("C", "DE"))
    assert list(profile.lost(served, target(*names), "ML-DSA-65")) == []
    without = profile.next_of(served, target(*names, dropped=("OU", "C")), "ML-DSA-65")
    assert without.subject == (("CN", kept), ("O", "Example, Ltd."))


def test_a_host_that_the_next_certificate_is_not_for_is_not_its_common_name():
    served = profile.of(certificate("old.example", "web.example", others=OTHERS[:1]))
    assert profile.next_of(served, target("web.example"), "ML-DSA-65").subject == (
        ("CN", "web.example"), ("C", "DE"),
    )  # fmt: skip


def test_what_the_next_subject_cannot_say_is_told_before_the_first_step():
    served = profile.of(certificate("web.example", "web.example", others=((IDENTIFIER, "NTRDE-1"),)))
    (refused,) = profile.lost(served, target("web.example"), "ML-DSA-65")
    assert "attribute of its subject 2.5.4.97" in str(refused) and "dropped" in str(refused)
    allowed = target("web.example", dropped=("2.5.4.97",))
    assert list(profile.lost(served, allowed, "ML-DSA-65")) == []
    assert profile.next_of(served, allowed, "ML-DSA-65").subject == (("CN", "web.example"),)
