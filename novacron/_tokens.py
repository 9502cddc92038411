"""The tokens of the client: made, listed, replaced and ended; and, for operators, tenants."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, TypeVar

from novacron._transport import flows
from novacron._transport.http import Request, Response

T = TypeVar("T")


class Tokens(ABC):
    """The methods of `Client`."""

    @abstractmethod
    def _run(self, flow: Generator[Request, Response, T]) -> T: ...

    def create_token(
        self, name: str, role: str, *, tenant: str | None = None, expires_s: float | str | None = None
    ) -> dict[str, Any]:
        """Create a token; the answer shows it this once.

        Args:
            name: what or whom it is for.
            role: ``read``, ``submit``, ``admin`` or ``operator``; at most what the caller's token has.
            tenant: whose it is, None for the caller's; another one's takes an operator.
            expires_s: seconds until it expires, or a span such as ``90d``; None for never.

        Raises:
            Denied: the token's role is not enough.
        """
        return self._run(flows.create_token(name, role, tenant, expires_s))

    def tokens(self, *, tenant: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenant's tokens, newest first: role, last use, end; another tenant's for operators."""
        return self._run(flows.tokens(limit, tenant))

    def revoke_token(self, token_id: str) -> dict[str, Any]:
        """End a token for good; the one in use is ended with another one only.

        Standing jobs that came with it are cancelled: ``cancelled_jobs``.

        Raises:
            NotFound: the tenant has no such token.
            Conflict: it is the token that asks.
        """
        return self._run(flows.revoke_token(token_id))

    def rotate_token(
        self, token_id: str, *, grace_s: float = 0.0, expires_s: float | str | None = None
    ) -> dict[str, Any]:
        """Put a new token of the same name and role in the place of one; the answer shows it this once.

        Args:
            token_id: the old one.
            grace_s: seconds for which the old one stays good.
            expires_s: how long the new one lasts; None for as long as the old one was made for.
        """
        return self._run(flows.rotate_token(token_id, grace_s, expires_s))

    def tenants(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenants by name: weight, active tokens, unfinished jobs; for operators."""
        return self._run(flows.tenants(limit))

    def set_tenant(self, tenant: str, weight: float = 1.0) -> dict[str, Any]:
        """Make a tenant, or change its part of the workers' time; for operators.

        Raises:
            Forbidden: the token is no operator's.
        """
        return self._run(flows.set_tenant(tenant, weight))


class AsyncTokens(ABC):
    """The methods of `AsyncClient`."""

    @abstractmethod
    async def _run(self, flow: Generator[Request, Response, T]) -> T: ...

    async def create_token(
        self, name: str, role: str, *, tenant: str | None = None, expires_s: float | str | None = None
    ) -> dict[str, Any]:
        """Create a token; see `Client.create_token`."""
        return await self._run(flows.create_token(name, role, tenant, expires_s))

    async def tokens(self, *, tenant: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """List a tenant's tokens; see `Client.tokens`."""
        return await self._run(flows.tokens(limit, tenant))

    async def revoke_token(self, token_id: str) -> dict[str, Any]:
        """End a token for good; see `Client.revoke_token`."""
        return await self._run(flows.revoke_token(token_id))

    async def rotate_token(
        self, token_id: str, *, grace_s: float = 0.0, expires_s: float | str | None = None
    ) -> dict[str, Any]:
        """Put a new token in the place of one; see `Client.rotate_token`."""
        return await self._run(flows.rotate_token(token_id, grace_s, expires_s))

    async def tenants(self, *, limit: int = 50) -> list[dict[str, Any]]:
        """List the tenants by name; see `Client.tenants`."""
        return await self._run(flows.tenants(limit))

    async def set_tenant(self, tenant: str, weight: float = 1.0) -> dict[str, Any]:
        """Make a tenant, or change its weight; see `Client.set_tenant`."""
        return await self._run(flows.set_tenant(tenant, weight))
