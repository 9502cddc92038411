"""`client.certificates`: certificates issued by CAs of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from novacron._transport import http
from novacron._transport.flows import Document, Flow, call, given, idempotency_key
from novacron._transport.http import post, segment
from novacron.answers.answer import Listing
from novacron.answers.certificate import Certificate, IssuedCertificate
from novacron.groups.group import AnyClient, Group, answered, job_of, operation, rows

CERTIFICATES = "/api/crypto/certificates"


class Certificates(Group[AnyClient]):
    """Certificates: issue, renew, revoke."""

    @operation
    def generate(
        self,
        algorithm: str,
        subject: str | Mapping[str, Any],
        validity_period: float | str | Mapping[str, Any],
        *,
        key_usage: Sequence[str] = (),
        extensions: Mapping[str, Any] | None = None,
        issuer: str | None = None,
        companion: Mapping[str, Any] | None = None,
    ) -> Flow[IssuedCertificate]:
        """Generate a key in the store and issue a certificate for it.

        Args:
            algorithm: algorithm of the key, for example `ML-DSA-65`.
            subject: `CN=example.org,O=Example`, or a mapping.
            validity_period: days, a duration such as `90d`, or `not_before` and `not_after`.
            key_usage: permitted uses of the key; by default those of its algorithm and role in the chain.
            extensions: `subject_alternative_names`, `basic_constraints` and so on.
            issuer: id of the CA's certificate; None makes it self-signed.
            companion: `algorithm` and `issuer` of a second certificate for the same subject.
        """
        return _issued(
            algorithm=algorithm, subject=subject, validity_period=validity_period,
            key_usage=tuple(key_usage), extensions=extensions or {}, issuer=issuer, companion=companion,
        )  # fmt: skip

    @operation
    def sign_request(
        self,
        csr: str,
        issuer: str,
        validity_period: float | str | Mapping[str, Any],
        *,
        subject: str | Mapping[str, Any] | None = None,
        key_usage: Sequence[str] = (),
        extensions: Mapping[str, Any] | None = None,
    ) -> Flow[IssuedCertificate]:
        """Have a CA of the store issue a certificate for a certificate request in PEM.

        The names default to the request's; the rest is as for `generate`.
        """
        return _issued(
            csr=csr, issuer=issuer, validity_period=validity_period, subject=subject,
            key_usage=tuple(key_usage), extensions=extensions or {},
        )  # fmt: skip

    @operation
    def get(self, certificate_id: str) -> Flow[Certificate]:
        """Return a certificate with its chain.

        Raises:
            NotFound: there is no such certificate, or it belongs to another tenant.
        """
        return answered(Certificate, call(http.get(f"{CERTIFICATES}/{segment(certificate_id)}")))

    @operation
    def revoke(self, certificate_id: str, *, reason: str = "unspecified") -> Flow[Certificate]:
        """Revoke a certificate; it is on its CA's revocation list from then on."""
        path = f"{CERTIFICATES}/{segment(certificate_id)}/revoke"
        return answered(Certificate, call(post(path, {"reason": reason}, idempotency_key())))

    @operation
    def crl(self, certificate_id: str) -> Flow[str]:
        """Return the revocation list of a CA in PEM."""
        path = f"{CERTIFICATES}/{segment(certificate_id)}/crl"
        listed = yield from call(http.get(path, {"format": "pem"}), read=http.content)
        return str(listed.decode())

    @job_of
    def renew(
        self,
        *names: str,
        within_days: float | str | None = None,
        force: bool = False,
        dry_run: bool = False,
        every_s: float | str | None = None,
    ) -> Flow[Document]:
        """Renew the certificates of declared targets that this installation has issued and that are due.

        Args:
            names: targets, or plans or certificates whose targets are meant; none selects all declared
                targets.
            within_days: remaining days at which a certificate is due; None: in the last third of its
                validity.
            force: renew those that are not due, too.
            dry_run: only report which are due, in the job's result.
            every_s: repeat at this interval in seconds until the job is cancelled; None runs once.
        """
        wanted = {"within_days": within_days, "force": force, "dry_run": dry_run, "every_s": every_s}
        return call(post(f"{CERTIFICATES}/renew", given({"names": names, **wanted}), idempotency_key()))

    @operation
    def list(self, *, limit: int = 50) -> Flow[Listing[Certificate]]:
        """List the tenant's certificates, newest first, without their chains."""
        return rows(Certificate, CERTIFICATES, "certificates", limit)

    __call__ = list


def _issued(**wanted: object) -> Flow[IssuedCertificate]:
    return answered(
        IssuedCertificate, call(post(f"{CERTIFICATES}/generate", given(wanted), idempotency_key()))
    )
