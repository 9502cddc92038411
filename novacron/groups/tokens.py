"""`client.tokens`: who may do what."""

from __future__ import annotations

from novacron._transport.flows import Flow, call, given, idempotency_key
from novacron._transport.http import post, segment
from novacron.answers.answer import Listing
from novacron.answers.token import IssuedToken, RevokedToken, Token
from novacron.groups.group import AnyClient, Group, answered, operation, rows

TOKENS = "/api/tokens"


class Tokens(Group[AnyClient]):
    """Tokens: created, listed, replaced and revoked."""

    @operation
    def create(
        self, name: str, role: str, *, tenant: str | None = None, expires_s: float | str | None = None
    ) -> Flow[IssuedToken]:
        """Create a token; the answer shows it this once.

        Args:
            name: what or whom it is for.
            role: ``read``, ``submit``, ``admin`` or ``operator``; at most what the caller's token has.
            tenant: whose it is, None for the caller's; another one's takes an operator.
            expires_s: seconds until it expires, or a span such as ``90d``; None for never.

        Raises:
            Denied: the token's role is not enough.
        """
        wanted = {"name": name, "role": role, "tenant": tenant, "expires_s": expires_s}
        return answered(IssuedToken, call(post(TOKENS, given(wanted), idempotency_key())))

    @operation
    def revoke(self, token_id: str) -> Flow[RevokedToken]:
        """Revoke a token for good; the one in use is revoked with another one only.

        Standing jobs that came with it are cancelled: ``cancelled_jobs``.

        Raises:
            NotFound: the tenant has no such token.
            Conflict: it is the token that asks.
        """
        path = f"{TOKENS}/{segment(token_id)}/revoke"
        return answered(RevokedToken, call(post(path, {}, idempotency_key())))

    @operation
    def rotate(
        self, token_id: str, *, grace_s: float = 0.0, expires_s: float | str | None = None
    ) -> Flow[IssuedToken]:
        """Replace a token by a new one of the same name and role; the answer shows it this once.

        Args:
            token_id: the old one.
            grace_s: seconds for which the old one stays good.
            expires_s: how long the new one lasts; None for as long as the old one was made for.
        """
        path = f"{TOKENS}/{segment(token_id)}/rotate"
        wanted = {"grace_s": grace_s, "expires_s": expires_s}
        return answered(IssuedToken, call(post(path, given(wanted), idempotency_key())))

    @operation
    def list(self, *, tenant: str | None = None, limit: int = 50) -> Flow[Listing[Token]]:
        """List the tenant's tokens, newest first: role, last use, end; another tenant's for operators."""
        return rows(Token, TOKENS, "tokens", limit, tenant=tenant)

    __call__ = list
