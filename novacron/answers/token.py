"""Tokens and tenants."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from novacron.answers.answer import Answer
from novacron.roles import Role


class Token(Answer, shown=("token_id", "name", "role", "tenant", "status", "expires_at")):
    """A token in a listing.

    Attributes:
        token_id: public id; grants no access.
        name: person or purpose of the token.
        role: what the token permits.
        tenant: tenant of the token.
        status: whether it is usable.
        created_by: name of the token that created it.
        revoked_by: name of the token that revoked it.
        created_at: time of creation.
        expires_at: when it expires; null for never.
        last_used_at: last use, to the minute.
        revoked_at: time of revocation.
    """

    token_id: str
    name: str
    role: Role
    tenant: str
    status: Literal["active", "expired", "revoked"]
    created_by: str
    revoked_by: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class IssuedToken(Token):
    """A new token; its secret is returned only here.

    Attributes:
        token: secret, sent as `Authorization: Bearer <token>`.
    """

    token: str


class RevokedToken(Token):
    """A revoked token.

    Attributes:
        cancelled_jobs: ids of the standing jobs submitted with it, which were cancelled.
    """

    cancelled_jobs: list[str]


class TenantWeight(Answer, shown=("tenant", "weight")):
    """A tenant and its weight.

    Attributes:
        tenant: name of the tenant.
        weight: share of worker time relative to other tenants.
    """

    tenant: str
    weight: float


class Tenant(TenantWeight, shown=("tenant", "weight", "active_tokens", "unfinished_jobs")):
    """A tenant in a listing.

    Attributes:
        active_tokens: number of usable tokens.
        unfinished_jobs: number of jobs that have not ended.
    """

    active_tokens: int
    unfinished_jobs: int
