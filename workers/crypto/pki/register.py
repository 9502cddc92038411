"""Signed status of the certificates issued by a tenant's CAs: revocation lists and OCSP responses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from novacron.errors import Conflict, NotFound
from shared.db.crypto import certificates
from shared.db.crypto.certificates import Statement, StoredCertificate
from workers.crypto.pki.authority import Authority
from workers.crypto.pki.revocation import VALID, Revocation, make_crl, make_ocsp_response

if TYPE_CHECKING:
    from novacron.specs import Spec
    from workers.runtime.context import Context


class Register:
    """The revocations of a tenant.

    Args:
        authority: the tenant's certificates and keys.
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._connection = authority.connection

    @classmethod
    def of(cls, context: Context[Spec]) -> Register:
        """Return the register of the job's tenant.

        Raises:
            KekError: this worker has no KEK.
        """
        return cls(Authority.of(context))

    def revoke(self, certificate_id: str, reason: str) -> StoredCertificate:
        """Revoke a certificate and issue the revocation list; idempotent.

        Raises:
            NotFound: there is no such certificate.
            Conflict: it is self-signed, or was revoked for another reason.
        """
        found = self._authority.certificate(certificate_id)
        if found.issuer_id is None:
            raise Conflict("a self-signed certificate cannot be revoked: stop trusting it")
        with self._connection.transaction():
            if certificates.revoke(self._connection, self._authority.tenant_id, certificate_id, reason):
                self._authority.store.record("certificate.revoke", certificate_id, {"reason": reason})
                self._new_crl(self._authority.ca(found.issuer_id))
        now = self._authority.certificate(certificate_id)
        if now.revocation_reason != reason:
            raise Conflict(f"it was revoked before, as {now.revocation_reason}")
        return now

    def crl(self, issuer_id: str) -> Statement:
        """Return a CA's newest revocation list, or a new one after half of its validity.

        Raises:
            NotFound: there is no such CA.
            Conflict: its key is destroyed.
        """
        issuer = self._authority.ca(issuer_id)
        newest = certificates.crl(self._connection, issuer_id)
        if newest and newest[1].fresh(datetime.now(UTC)):
            return newest[1]
        with self._connection.transaction():
            return self._new_crl(issuer)

    def ocsp_response(self, certificate_id: str, hash_name: str) -> Statement:
        """Return the signed revocation status of a certificate, cached like revocation lists.

        Raises:
            NotFound: there is no such certificate, or no CA issued it.
            Conflict: the CA's key is destroyed.
        """
        found = self._authority.certificate(certificate_id)
        if found.issuer_id is None:
            raise NotFound(f"no CA can report on {certificate_id}: it is signed by its own key")
        with self._connection.transaction():
            certificates.hold(self._connection, certificate_id)
            found = self._authority.certificate(certificate_id)
            kept = certificates.response(self._connection, certificate_id, hash_name)
            if kept and kept.fresh(_now()):
                return kept
            return self._new_response(found, self._authority.certificate(found.issuer_id or ""), hash_name)

    def _new_crl(self, issuer: StoredCertificate) -> Statement:
        """Issue a revocation list with the next number, in the caller's transaction."""
        certificates.hold(self._connection, issuer.certificate_id)
        newest = certificates.crl(self._connection, issuer.certificate_id)
        number, now = newest[0] + 1 if newest else 1, _now()
        entries = certificates.revoked(self._connection, issuer.certificate_id, now - VALID)
        made = make_crl(
            self._authority.signer(issuer, closing=True), [Revocation(*one) for one in entries], number, now
        )
        statement = Statement(made.public_bytes(Encoding.DER), now, now + VALID)
        certificates.keep_crl(self._connection, issuer.certificate_id, number, statement)
        return statement

    def _new_response(
        self, certificate: StoredCertificate, issuer: StoredCertificate, hash_name: str
    ) -> Statement:
        now, revoked = _now(), None
        if certificate.revoked_at:
            revoked = Revocation(
                certificate.x509.serial_number, certificate.revoked_at, certificate.revocation_reason or ""
            )
        signer = self._authority.signer(issuer, closing=True)
        made = make_ocsp_response(certificate.x509, signer, revoked, hash_name, now)
        statement = Statement(made.public_bytes(Encoding.DER), now, now + VALID)
        certificates.keep_response(self._connection, certificate.certificate_id, hash_name, statement)
        return statement


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
