"""Certificates in the database, and their signed status: revocation lists and OCSP responses."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.crypto.pki.names import alternatives_of, text_of
from novacron.specs.crypto.key_usage import USAGES
from shared.db.session import Connection
from shared.db.statements import statement


@dataclass(frozen=True)
class StoredCertificate:
    """A certificate issued by this installation.

    Attributes:
        certificate_id: its id.
        tenant_id: owning tenant.
        issuer_id: the CA's certificate; None if it is self-signed.
        companion_of: the certificate it was issued beside, with another algorithm.
        key_id: the stored key it certifies; None if the private key is held elsewhere.
        key_version: version of that key.
        algorithm: algorithm of the certified key.
        serial: its serial number, in hexadecimal.
        ca: whether it is a CA certificate.
        der: the certificate itself.
        created_at: time of creation.
        created_by: name of the token.
        revoked_at: time of revocation.
        revocation_reason: reason of revocation.
    """

    certificate_id: str
    tenant_id: int
    issuer_id: str | None
    companion_of: str | None
    key_id: str | None
    key_version: int | None
    algorithm: str
    serial: str
    ca: bool
    der: bytes
    created_at: datetime
    created_by: str
    revoked_at: datetime | None = None
    revocation_reason: str | None = None

    @cached_property
    def x509(self) -> x509.Certificate:
        """The certificate, parsed."""
        return x509.load_der_x509_certificate(self.der)

    @property
    def pem(self) -> str:
        """The certificate in PEM."""
        return ssl.DER_cert_to_PEM_cert(self.der)

    @property
    def status(self) -> str:
        """Current status: `valid`, `revoked`, `expired` or `not yet valid`."""
        if self.revoked_at:
            return "revoked"
        now = datetime.now(UTC)
        if now > self.x509.not_valid_after_utc:
            return "expired"
        return "valid" if now >= self.x509.not_valid_before_utc else "not yet valid"

    def document(self, chain: list[StoredCertificate]) -> dict[str, Any]:
        """Return the certificate as JSON.

        Args:
            chain: the certificates above it, its issuer's first.
        """
        return {
            "certificate_id": self.certificate_id,
            "certificate": self.pem,
            "chain": [one.pem for one in chain],
            "serial_number": self.serial,
            "subject": text_of(self.x509.subject),
            "subject_alternative_names": self._alternatives,
            "issuer": text_of(self.x509.issuer),
            "issuer_id": self.issuer_id,
            "companion_of": self.companion_of,
            "not_before": self.x509.not_valid_before_utc.isoformat(),
            "not_after": self.x509.not_valid_after_utc.isoformat(),
            "algorithm": self.algorithm,
            "key_id": self.key_id,
            "key_version": self.key_version,
            "key_usage": self._usages,
            "ca": self.ca,
            "fingerprint_sha256": self.x509.fingerprint(hashes.SHA256()).hex(),
            "status": self.status,
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
            "revocation_reason": self.revocation_reason,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
        }

    @property
    def _usages(self) -> list[str]:
        found = self.x509.extensions.get_extension_for_class(x509.KeyUsage).value
        apart = ("encipher_only", "decipher_only")  # the library raises on these without key_agreement
        return [
            name for name in USAGES if (name not in apart or found.key_agreement) and getattr(found, name)
        ]

    @property
    def _alternatives(self) -> list[str]:
        try:
            found = self.x509.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return []
        return alternatives_of(found)


@dataclass(frozen=True, slots=True)
class Statement:
    """A revocation list or an OCSP response.

    Attributes:
        der: the encoded statement.
        made_at: time of signing.
        next_update: end of its validity.
    """

    der: bytes
    made_at: datetime
    next_update: datetime

    def fresh(self, now: datetime) -> bool:
        """Return whether at least half of its validity remains; none is served shortly before its end."""
        return now < self.made_at + (self.next_update - self.made_at) / 2


FIND = statement("certificates.find")
AUTHORITY = statement("certificates.authority")
BY_EFFECT = statement("certificates.by_effect")
BY_SERIAL = statement("certificates.by_serial")
SAME = statement("certificates.same")
COMPANIONS = statement("certificates.companions")
LISTING = statement("certificates.listing")
LISTING_AFTER = statement("certificates.listing_after")
OF_KEYS = """
SELECT key_id, bool_or(ca) FROM certificates
WHERE tenant_id = %s AND key_id IS NOT NULL AND revoked_at IS NULL AND not_after > clock_timestamp()
GROUP BY key_id
"""
ABOVE = statement("certificates.above")
INSERT = statement("certificates.insert")
REVOKE = """
UPDATE certificates SET revoked_at = date_trunc('second', clock_timestamp()), revocation_reason = %s
WHERE id = %s AND tenant_id = %s AND revoked_at IS NULL RETURNING id
"""
REVOKED = """
SELECT serial, revoked_at, revocation_reason FROM certificates
WHERE issuer_id = %s AND revoked_at IS NOT NULL AND not_after > %s ORDER BY revoked_at, id
"""


def find(connection: Connection, tenant_id: int, certificate_id: str) -> StoredCertificate | None:
    """Return the tenant's certificate of this id."""
    row = connection.execute(FIND, {"id": certificate_id, "tenant": tenant_id}).fetchone()
    return StoredCertificate(*row) if row else None


def authority(connection: Connection, certificate_id: str) -> StoredCertificate | None:
    """Return a CA of any tenant: its signed statements are public."""
    row = connection.execute(AUTHORITY, {"id": certificate_id}).fetchone()
    return StoredCertificate(*row) if row else None


def by_effect(connection: Connection, tenant_id: int, effect: str) -> StoredCertificate | None:
    """Return the certificate created by an effect; None if it has not happened."""
    row = connection.execute(BY_EFFECT, {"effect": effect, "tenant": tenant_id}).fetchone()
    return StoredCertificate(*row) if row else None


def companions(connection: Connection, certificate_id: str) -> list[StoredCertificate]:
    """Return the certificates issued beside one, with another algorithm."""
    return [StoredCertificate(*row) for row in connection.execute(COMPANIONS, {"id": certificate_id})]


def by_serial(connection: Connection, issuer_id: str, serial: int) -> StoredCertificate | None:
    """Return the certificate with this serial number of a CA."""
    row = connection.execute(BY_SERIAL, {"issuer": issuer_id, "serial": f"{serial:x}"}).fetchone()
    return StoredCertificate(*row) if row else None


def same(connection: Connection, tenant_id: int, served: x509.Certificate) -> StoredCertificate | None:
    """Return the tenant's certificate that a server presents, whichever CA issued it."""
    given = {
        "tenant": tenant_id,
        "serial": f"{served.serial_number:x}",
        "der": served.public_bytes(Encoding.DER),
    }
    row = connection.execute(SAME, given).fetchone()
    return StoredCertificate(*row) if row else None


def listing(
    connection: Connection, tenant_id: int, *, limit: int = 50, after: str | None = None
) -> list[StoredCertificate]:
    """List the tenant's certificates, newest first, after the certificate `after`."""
    arguments = {"tenant": tenant_id, "limit": limit, "after": after}
    rows = connection.execute(LISTING_AFTER if after else LISTING, arguments)
    return [StoredCertificate(*row) for row in rows]


def of_keys(connection: Connection, tenant_id: int) -> dict[str, bool]:
    """Map stored keys with currently valid certificates to whether one of these is a CA's."""
    return dict(connection.execute(OF_KEYS, (tenant_id,)).fetchall())


def above(connection: Connection, certificate: StoredCertificate) -> list[StoredCertificate]:
    """Return the certificates above one, its issuer's first, the root last."""
    if certificate.issuer_id is None:
        return []
    return [StoredCertificate(*row) for row in connection.execute(ABOVE, {"issuer": certificate.issuer_id})]


def insert(connection: Connection, new: StoredCertificate, effect: str | None) -> StoredCertificate:
    """Store a certificate, in the caller's transaction.

    Args:
        connection: any connection.
        new: the certificate; the database sets its creation time.
        effect: identifies the operation, so that a repetition is idempotent.
    """
    values = (
        new.certificate_id, new.tenant_id, new.issuer_id, new.companion_of, new.key_id, new.key_version,
        new.algorithm, new.serial, new.ca, new.der, new.created_by, new.x509.not_valid_after_utc, effect,
    )  # fmt: skip
    row = connection.execute(INSERT, values).fetchone()
    assert row is not None
    return StoredCertificate(*row)


def revoke(connection: Connection, tenant_id: int, certificate_id: str, reason: str) -> bool:
    """Mark a certificate as revoked now, and delete OCSP responses that state otherwise.

    Returns:
        False if it was already revoked.
    """
    if connection.execute(REVOKE, (reason, certificate_id, tenant_id)).fetchone() is None:
        return False
    connection.execute("DELETE FROM ocsp_responses WHERE certificate_id = %s", (certificate_id,))
    return True


def revoked(connection: Connection, issuer_id: str, since: datetime) -> list[tuple[int, datetime, str]]:
    """Return (serial number, time, reason) of a CA's revoked certificates that had not expired by `since`."""
    return [(int(row[0], 16), row[1], row[2]) for row in connection.execute(REVOKED, (issuer_id, since))]


def hold(connection: Connection, certificate_id: str) -> None:
    """Lock a certificate against other signers until the caller's transaction ends."""
    connection.execute("SELECT 1 FROM certificates WHERE id = %s FOR NO KEY UPDATE", (certificate_id,))


NEWEST_CRL = """
SELECT number, der, made_at, next_update FROM crls WHERE issuer_id = %s ORDER BY number DESC LIMIT 1
"""
RESPONSE = "SELECT der, made_at, next_update FROM ocsp_responses WHERE certificate_id = %s AND hash = %s"
KEEP_RESPONSE = """
INSERT INTO ocsp_responses (certificate_id, hash, der, made_at, next_update) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (certificate_id, hash) DO UPDATE SET der = excluded.der, made_at = excluded.made_at,
  next_update = excluded.next_update
"""


def crl(connection: Connection, issuer_id: str) -> tuple[int, Statement] | None:
    """Return a CA's newest revocation list and its number; None before the first."""
    row = connection.execute(NEWEST_CRL, (issuer_id,)).fetchone()
    return (row[0], Statement(*row[1:])) if row else None


def keep_crl(connection: Connection, issuer_id: str, number: int, made: Statement) -> None:
    """Store a revocation list."""
    connection.execute(
        "INSERT INTO crls (issuer_id, number, der, made_at, next_update) VALUES (%s, %s, %s, %s, %s)",
        (issuer_id, number, made.der, made.made_at, made.next_update),
    )


def response(connection: Connection, certificate_id: str, hash_name: str) -> Statement | None:
    """Return the newest OCSP response for a certificate."""
    row = connection.execute(RESPONSE, (certificate_id, hash_name)).fetchone()
    return Statement(*row) if row else None


def keep_response(connection: Connection, certificate_id: str, hash_name: str, made: Statement) -> None:
    """Store an OCSP response, replacing the previous one."""
    values = (certificate_id, hash_name, made.der, made.made_at, made.next_update)
    connection.execute(KEEP_RESPONSE, values)
