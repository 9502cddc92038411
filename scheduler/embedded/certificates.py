"""The certificates of `up --tls`: two root CAs, and a server certificate under each.

ML-DSA-65 for clients that can verify it, ECDSA for those that cannot. The roots' private keys are discarded
after signing, so that nothing on disk can issue another server certificate.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from scheduler.embedded.files import write_private

VALID_FOR = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)
CLOCKS_DIFFER_BY = timedelta(minutes=5)
ROOTS = "ca.pem"

KEYS: dict[str, tuple[Callable[[], Any], hashes.SHA256 | None]] = {
    "ml-dsa-65": (mldsa.MLDSA65PrivateKey.generate, None),
    "ecdsa-p256": (lambda: ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()),
}


def ensure(folder: Path) -> Path:
    """Create the certificates where they are missing or expire within a month.

    Returns:
        The file with the roots, for clients.
    """
    if not _lasting(folder):
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        _write(fresh)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    return folder / ROOTS


def _lasting(folder: Path) -> bool:
    needed = datetime.now(UTC) + RENEWED_BEFORE
    try:
        roots = x509.load_pem_x509_certificates((folder / ROOTS).read_bytes())
        return all(
            _leaf_of(folder, name, root).not_valid_after_utc > needed
            for name, root in zip(KEYS, roots, strict=True)
        )
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False


def _leaf_of(folder: Path, name: str, root: x509.Certificate) -> x509.Certificate:
    """Read a server certificate; raises where it is not the root's or its key is missing."""
    leaf = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
    leaf.verify_directly_issued_by(root)
    key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    if key.public_key() != leaf.public_key():
        raise ValueError("the key is another certificate's")
    return leaf


def _write(folder: Path) -> None:
    roots = []
    for name, (generate, digest) in KEYS.items():
        root_key, key = generate(), generate()
        root = _root(name, root_key).sign(root_key, digest)
        leaf = _leaf(key, root).sign(root_key, digest)
        roots.append(_pem(root))
        write_private(folder / f"{name}.pem", _pem(leaf))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(folder / f"{name}.key", pem.decode())
    write_private(folder / ROOTS, "".join(roots))


def _root(name: str, key: Any) -> x509.CertificateBuilder:
    subject = _named(f"NovaCron embedded stack, {name}")
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return (
        _certificate(subject, subject, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )


def _leaf(key: Any, root: x509.Certificate) -> x509.CertificateBuilder:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in _host_names()]
    names += [x509.IPAddress(ip_address(address)) for address in ("127.0.0.1", "::1")]
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())  # type: ignore[arg-type]
    return (
        _certificate(_named("localhost"), root.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer_key, critical=False)
    )


def _certificate(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER_BY)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _host_names() -> list[str]:
    own = socket.gethostname().lower()
    usable = own.isascii() and own.replace("-", "a").replace(".", "a").isalnum()
    return ["localhost", own] if usable and own != "localhost" else ["localhost"]


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(**granted: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: granted.get(name, False) for name in names})


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
