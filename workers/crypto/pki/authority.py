"""A tenant's certification authority: its CAs sign with stored keys, and issued certificates are stored.

Every operation is one transaction with its entry in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from novacron.crypto.pki.names import name_of, text_of
from novacron.crypto.pki.reading import CertificateRequest, request_of
from novacron.errors import BadInput, Conflict, NotFound
from novacron.specs.crypto import key_usage
from novacron.specs.crypto.certificates import GenerateCertificate, SignCertificateRequest
from novacron.specs.crypto.extensions import Extensions
from novacron.specs.crypto.subject import Attribute
from novacron.specs.crypto.validity import ValidityPeriod
from shared import ulid
from shared.db import errors
from shared.db.crypto import certificates
from shared.db.crypto.certificates import StoredCertificate
from shared.db.session import Connection
from workers.crypto.keys.keystore import KeyStore
from workers.crypto.pki.issuing import Issuer, Profile, issue, self_signed

if TYPE_CHECKING:
    from novacron.specs import Spec
    from workers.runtime.context import Context

Wanted = GenerateCertificate | SignCertificateRequest
LONGEST_LABEL = 200
SLOW_CLOCKS = timedelta(minutes=1)
"""Backdating of certificates, for verifiers whose clocks are behind."""


class Authority:
    """The certificates of one tenant.

    Args:
        connection: in autocommit, or inside the caller's transaction, which then covers every change.
        store: the tenant's keys.
        tenant_id: the tenant; certificates of others are invisible.
        actor: the actor, for the audit log.
    """

    def __init__(self, connection: Connection, store: KeyStore, tenant_id: int, actor: str) -> None:
        self.connection = connection
        self.store = store
        self.tenant_id = tenant_id
        self.actor = actor

    @classmethod
    def of(cls, context: Context[Spec]) -> Authority:
        """Return the authority of the job's tenant.

        Raises:
            KekError: this worker has no KEK.
        """
        origin = context.origin
        return cls(origin.database(), KeyStore.of(context), origin.tenant_id, origin.submitted_by)

    def certificate(self, certificate_id: str) -> StoredCertificate:
        """Return a certificate.

        Raises:
            NotFound: the tenant has none of this id.
        """
        found = certificates.find(self.connection, self.tenant_id, certificate_id)
        if found is None:
            raise NotFound(f"there is no certificate {certificate_id!r} in this tenant")
        return found

    def chain(self, certificate: StoredCertificate) -> list[StoredCertificate]:
        """Return the certificates above one, its issuer's first."""
        return certificates.above(self.connection, certificate)

    def generate(self, wanted: GenerateCertificate, effect: str | None = None) -> list[StoredCertificate]:
        """Generate a key with its certificate, and its companion's if requested.

        Args:
            wanted: the request.
            effect: identifies this operation: repeated under the same name, it returns the first result.

        Raises:
            BadInput: the issuer may not issue this.
            NotFound: there is no such issuer.
            Conflict: the issuer is revoked, or its key no longer signs.
        """
        made = self._once(effect, lambda: self._generate_all(wanted, effect))
        return [made, *certificates.companions(self.connection, made.certificate_id)]

    def sign_request(self, wanted: SignCertificateRequest, effect: str | None = None) -> StoredCertificate:
        """Issue a certificate for a key that is not stored; raises as `generate`."""
        return self._once(effect, lambda: self._sign_request(wanted, effect))

    def ca(self, certificate_id: str) -> StoredCertificate:
        """Return a CA whose key is stored.

        Raises:
            NotFound: there is no such certificate.
            BadInput: it is no such CA.
        """
        found = self.certificate(certificate_id)
        if not found.ca or found.key_id is None:
            raise BadInput("is not a CA whose key is in the store", field="issuer", value=certificate_id)
        return found

    def signer(self, ca: StoredCertificate, *, closing: bool = False) -> Issuer:
        """Return a CA with its private key, locked against retirement until the caller's transaction ends.

        Args:
            ca: the CA.
            closing: whether it only signs the status of certificates that it issued, which a retired key may,
                too.

        Raises:
            Conflict: the key is destroyed or, for new certificates, retired or rotated.
        """
        self.store.hold(ca.key_id or "")
        private = self.store.private(ca.key_id or "", "sign", ca.key_version, closing=closing)
        return Issuer(ca.x509, private)

    def _generate_all(self, wanted: GenerateCertificate, effect: str | None) -> StoredCertificate:
        now = datetime.now(UTC)  # once, so that both certificates have the same validity
        if wanted.companion is None:
            return self._generate(wanted, now, effect)
        second = wanted.companion
        first = self._generate(wanted, now, effect, beside=second.algorithm)
        other = wanted.model_copy(update={"algorithm": second.algorithm, "issuer": second.issuer})
        self._generate(other, now, None, beside=wanted.algorithm, companion_of=first.certificate_id)
        return first

    def _generate(
        self, wanted: GenerateCertificate, now: datetime, effect: str | None, *,
        beside: str | None = None, companion_of: str | None = None,
    ) -> StoredCertificate:  # fmt: skip
        issuer = self.ca(wanted.issuer) if wanted.issuer else None
        profile = _profile(wanted, now, wanted.algorithm, wanted.subject, wanted.extensions, issuer)
        label = text_of(name_of(wanted.subject))[:LONGEST_LABEL]
        key = self.store.generate(wanted.algorithm, label=label, beside=beside)
        private = self.store.private(key.key_id, key.usage)
        if issuer is None:
            certificate = self_signed(profile, private)
        else:
            certificate = issue(profile, private.public_key(), self._issuer(issuer))
        return self._keep(
            certificate, wanted, effect,
            algorithm=wanted.algorithm, key=(key.key_id, key.version), companion_of=companion_of,
        )  # fmt: skip

    def _sign_request(self, wanted: SignCertificateRequest, effect: str | None) -> StoredCertificate:
        request = _request(wanted.csr)
        self.store.permitted.check(request.algorithm)
        issuer = self.ca(wanted.issuer)
        extensions = wanted.extensions
        if not extensions.subject_alternative_names:
            names = {"subject_alternative_names": request.alternatives}
            extensions = extensions.model_copy(update=names)
        subject = wanted.subject or request.subject
        if not subject and (not extensions.subject_alternative_names or extensions.basic_constraints.ca):
            raise BadInput("is required: the request names no subject", field="subject")
        profile = _profile(wanted, datetime.now(UTC), request.algorithm, subject, extensions, issuer)
        if broken := key_usage.broken(request.algorithm, profile.usages, ca=profile.ca):
            raise BadInput(broken, field="key_usage", value=", ".join(profile.usages))
        certificate = issue(profile, request.public, self._issuer(issuer))
        return self._keep(certificate, wanted, effect, algorithm=request.algorithm)

    def _keep(
        self,
        certificate: x509.Certificate,
        wanted: Wanted,
        effect: str | None,
        *,
        algorithm: str,
        key: tuple[str | None, int | None] = (None, None),
        companion_of: str | None = None,
    ) -> StoredCertificate:
        serial = f"{certificate.serial_number:x}"
        new = StoredCertificate(
            ulid.new("cert_"), self.tenant_id, wanted.issuer, companion_of, *key, algorithm, serial,
            wanted.extensions.basic_constraints.ca, certificate.public_bytes(Encoding.DER),
            datetime.now(UTC), self.actor,
        )  # fmt: skip
        stored = certificates.insert(self.connection, new, effect)
        details = {"serial_number": serial, "algorithm": algorithm, "issuer": wanted.issuer, "key_id": key[0]}
        self.store.record("certificate.issue", stored.certificate_id, details)
        return stored

    def _issuer(self, ca: StoredCertificate) -> Issuer:
        """Return a CA that may issue certificates, with its private key."""
        if ca.revoked_at:
            raise Conflict(f"the CA {ca.certificate_id} is revoked ({ca.revocation_reason})")
        return self.signer(ca)

    def _once(self, effect: str | None, act: Callable[[], StoredCertificate]) -> StoredCertificate:
        """Return the certificate created by an operation, which happens once per name, in one transaction."""
        if effect and (known := certificates.by_effect(self.connection, self.tenant_id, effect)):
            return known
        try:
            with self.connection.transaction():
                return act()
        except errors.UniqueViolation:
            # Another attempt of the same task was faster.
            known = certificates.by_effect(self.connection, self.tenant_id, effect) if effect else None
            if known is None:
                raise
            return known


def _profile(
    wanted: Wanted,
    now: datetime,
    algorithm: str,
    subject: Sequence[Attribute],
    extensions: Extensions,
    issuer: StoredCertificate | None,
) -> Profile:
    begin = now - _early(wanted.validity_period, now)
    if issuer:
        begin = max(begin, issuer.x509.not_valid_before_utc)
    try:
        first, last = wanted.validity_period.bounds(begin)
    except OverflowError:
        raise BadInput("must end before the year 10000", field="validity_period") from None
    if last <= first:
        raise BadInput("must end after it begins", field="validity_period", value=last.isoformat())
    usages = wanted.key_usage or key_usage.default(algorithm, ca=extensions.basic_constraints.ca)
    return Profile(tuple(subject), first, last, usages, extensions)


def _early(period: ValidityPeriod, now: datetime) -> timedelta:
    """Return how far a certificate is backdated: at most a tenth of its validity."""
    try:
        first, last = period.bounds(now)
    except OverflowError:
        return SLOW_CLOCKS
    return min(SLOW_CLOCKS, max(last - first, timedelta()) / 10)


def _request(csr: str) -> CertificateRequest:
    try:
        return request_of(csr.encode())
    except BadInput as error:
        error.field = f"csr.{error.field}" if error.field else "csr"
        raise
