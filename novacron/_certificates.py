"""What both clients do with certificates: the part of `Client` and of `AsyncClient` that is about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypeVar

from novacron._transport import flows
from novacron._transport.http import Request, Response

T = TypeVar("T")


class Certificates(ABC):
    """The verbs of `Client`."""

    @abstractmethod
    def _run(self, flow: Generator[Request, Response, T]) -> T: ...

    def generate_certificate(
        self,
        algorithm: str,
        subject: str | Mapping[str, Any],
        validity_period: float | str | Mapping[str, Any],
        *,
        key_usage: Sequence[str] = (),
        extensions: Mapping[str, Any] | None = None,
        issuer: str | None = None,
        companion: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make a key in the store and a certificate for it; return it with its chain.

        Args:
            algorithm: of the key, `ML-DSA-65` for instance.
            subject: `CN=example.org,O=Example`, or a mapping.
            validity_period: days, a length such as `90d`, or `not_before` and `not_after`.
            key_usage: what the key may be used for; else what its algorithm and place call for.
            extensions: `subject_alternative_names`, `basic_constraints` and so on.
            issuer: id of the CA's certificate; else it is signed with its own key.
            companion: `algorithm` and `issuer` of a second certificate for the same subject.
        """
        return self._run(
            flows.new_certificate(
                algorithm=algorithm, subject=subject, validity_period=validity_period,
                key_usage=list(key_usage), extensions=extensions or {}, issuer=issuer, companion=companion,
            )
        )  # fmt: skip

    def sign_certificate_request(
        self,
        csr: str,
        issuer: str,
        validity_period: float | str | Mapping[str, Any],
        *,
        subject: str | Mapping[str, Any] | None = None,
        key_usage: Sequence[str] = (),
        extensions: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Have a CA of the store issue a certificate for a request in PEM; return it with its chain.

        The names are the request's where none are given; the rest is as for `generate_certificate`.
        """
        return self._run(
            flows.new_certificate(
                csr=csr, issuer=issuer, validity_period=validity_period, subject=subject,
                key_usage=list(key_usage), extensions=extensions or {},
            )
        )  # fmt: skip

    def certificates(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's certificates, newest first, without their chains."""
        return self._run(flows.certificates(limit))

    def certificate(self, certificate_id: str) -> dict[str, Any]:
        """Describe a certificate, with the chain above it.

        Raises:
            NotFound: there is no such certificate, or it is somebody else's.
        """
        return self._run(flows.certificate(certificate_id))

    def revoke_certificate(self, certificate_id: str, *, reason: str = "unspecified") -> dict[str, Any]:
        """End a certificate before its time; its CA's revocation list says so from now on."""
        return self._run(flows.revoke_certificate(certificate_id, reason))

    def crl(self, certificate_id: str) -> str:
        """Return the revocation list of a CA in PEM."""
        return self._run(flows.crl(certificate_id)).decode()


class AsyncCertificates(ABC):
    """The verbs of `AsyncClient`."""

    @abstractmethod
    async def _run(self, flow: Generator[Request, Response, T]) -> T: ...

    async def generate_certificate(
        self,
        algorithm: str,
        subject: str | Mapping[str, Any],
        validity_period: float | str | Mapping[str, Any],
        *,
        key_usage: Sequence[str] = (),
        extensions: Mapping[str, Any] | None = None,
        issuer: str | None = None,
        companion: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make a key and its certificate; see `Client.generate_certificate`."""
        return await self._run(
            flows.new_certificate(
                algorithm=algorithm, subject=subject, validity_period=validity_period,
                key_usage=list(key_usage), extensions=extensions or {}, issuer=issuer, companion=companion,
            )
        )  # fmt: skip

    async def sign_certificate_request(
        self,
        csr: str,
        issuer: str,
        validity_period: float | str | Mapping[str, Any],
        *,
        subject: str | Mapping[str, Any] | None = None,
        key_usage: Sequence[str] = (),
        extensions: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Have a request signed by a CA; see `Client.sign_certificate_request`."""
        return await self._run(
            flows.new_certificate(
                csr=csr, issuer=issuer, validity_period=validity_period, subject=subject,
                key_usage=list(key_usage), extensions=extensions or {},
            )
        )  # fmt: skip

    async def certificates(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's certificates, newest first, without their chains."""
        return await self._run(flows.certificates(limit))

    async def certificate(self, certificate_id: str) -> dict[str, Any]:
        """Describe a certificate; see `Client.certificate`."""
        return await self._run(flows.certificate(certificate_id))

    async def revoke_certificate(self, certificate_id: str, *, reason: str = "unspecified") -> dict[str, Any]:
        """End a certificate before its time; its CA's revocation list says so from now on."""
        return await self._run(flows.revoke_certificate(certificate_id, reason))

    async def crl(self, certificate_id: str) -> str:
        """Return the revocation list of a CA in PEM."""
        return (await self._run(flows.crl(certificate_id))).decode()
