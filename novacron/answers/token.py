"""Tokens and tenants."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from novacron.answers.answer import Answer
from novacron.roles import Role


class Token(Answer, shown=("token_id", "name", "role", "tenant", "status", "expires_at")):
    """A token as listings show it.

    Attributes:
        token_id: its id, which opens nothing.
        name: what or whom it is for.
        role: what it may do.
        tenant: whose it is.
        status: whether it can be used.
        created_by: name of the token that made it.
        revoked_by: name of the token that ended it.
        created_at: when it was made.
        expires_at: when it expires; null for never.
        last_used_at: last use, to the minute.
        revoked_at: when it was ended.
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
    """A new token; this is the only answer that has it.

    Attributes:
        token: to be sent as `Authorization: Bearer <token>`.
    """

    token: str


class RevokedToken(Token):
    """A token that was ended.

    Attributes:
        cancelled_jobs: ids of the standing jobs that came with it and were cancelled.
    """

    cancelled_jobs: list[str]


class TenantWeight(Answer, shown=("tenant", "weight")):
    """A tenant and its share.

    Attributes:
        tenant: its name.
        weight: its share of the workers' time, relative to other tenants.
    """

    tenant: str
    weight: float


class Tenant(TenantWeight, shown=("tenant", "weight", "active_tokens", "unfinished_jobs")):
    """A tenant as listings show it.

    Attributes:
        active_tokens: tokens that can be used.
        unfinished_jobs: jobs that have not ended.
    """

    active_tokens: int
    unfinished_jobs: int
