"""Certificates to be migrated, and the root that issues the next ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from novacron.specs.crypto.certificates import GenerateCertificate
from shared.db import session
from shared.db.crypto.certificates import StoredCertificate
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.pki.authority import Authority


def authority(connection: session.Connection, store: KeyStore) -> StoredCertificate:
    """Create a stored root of ML-DSA-65."""
    wanted = GenerateCertificate(
        algorithm="ML-DSA-65", subject="CN=Root", validity_period="365d",
        extensions={"basic_constraints": {"ca": True}},
    )  # fmt: skip
    return Authority(connection, store, 1, "tester").generate(wanted)[0]


def self_signed(folder: Path, name: str = "localhost", *, days: int = 30) -> tuple[Path, Path]:
    """Create a P-256 certificate that expires in so many days and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    chain, private = folder / "web.pem", folder / "web.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    private.chmod(0o600)
    return chain, private
