"""The names that a served certificate has, so that its next one loses none."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from workers.migration import profile


def certificate(common_name, *alternatives):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
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
