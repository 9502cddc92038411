"""`client.tokens`: access tokens."""

from __future__ import annotations

from novacron._transport.flows import Flow, call, given, idempotency_key
from novacron._transport.http import post, segment
from novacron.answers.answer import Listing
from novacron.answers.token import IssuedToken, RevokedToken, Token
from novacron.groups.group import AnyClient, Group, answered, operation, rows

TOKENS = "/api/tokens"


class Tokens(Group[AnyClient]):
    """Tokens: create, list, replace and revoke."""

    @operation
    def create(
        self, name: str, role: str, *, tenant: str | None = None, expires_s: float | str | None = None
    ) -> Flow[IssuedToken]:
        """Create a token; the secret is returned only once.

        Args:
            name: person or purpose of the token.
            role: ``read``, ``submit``, ``admin`` or ``operator``; at most the role of the caller's token.
            tenant: tenant of the token, None for the caller's; another tenant requires an operator.
            expires_s: seconds until it expires, or a duration such as ``90d``; None for never.

        Raises:
            Denied: the role of the caller's token is insufficient.
        """
        wanted = {"name": name, "role": role, "tenant": tenant, "expires_s": expires_s}
        return answered(IssuedToken, call(post(TOKENS, given(wanted), idempotency_key())))

    @operation
    def revoke(self, token_id: str) -> Flow[RevokedToken]:
        """Revoke a token permanently; the token in use can only be revoked with another one.

        Standing jobs submitted with it are cancelled: ``cancelled_jobs``.

        Raises:
            NotFound: the tenant has no such token.
            Conflict: it is the token in use.
        """
        path = f"{TOKENS}/{segment(token_id)}/revoke"
        return answered(RevokedToken, call(post(path, {}, idempotency_key())))

    @operation
    def rotate(
        self, token_id: str, *, grace_s: float = 0.0, expires_s: float | str | None = None
    ) -> Flow[IssuedToken]:
        """Replace a token by a new one of the same name and role; the secret is returned only once.

        Args:
            token_id: the old one.
            grace_s: seconds for which the old token stays valid.
            expires_s: lifetime of the new token in seconds; None for that of the old one.
        """
        path = f"{TOKENS}/{segment(token_id)}/rotate"
        wanted = {"grace_s": grace_s, "expires_s": expires_s}
        return answered(IssuedToken, call(post(path, given(wanted), idempotency_key())))

    @operation
    def list(self, *, tenant: str | None = None, limit: int = 50) -> Flow[Listing[Token]]:
        """List the tenant's tokens, newest first: role, last use, expiry; operators may name any tenant."""
        return rows(Token, TOKENS, "tokens", limit, tenant=tenant)

    __call__ = list
