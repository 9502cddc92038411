"""Token management over HTTP: admins manage their tenant's tokens, operators those of any tenant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.token import IssuedToken, RevokedToken, TenantWeight
from novacron.errors import BadInput, Conflict, Forbidden, NotFound
from novacron.specs.duration import DAY_S, Span
from scheduler.api.body import record
from scheduler.api.jobs import Key
from scheduler.api.models.page import TenantPage, TokenPage
from scheduler.api.models.token import NewTenant, NewToken, Rotation
from scheduler.api.services import Admin, Operator, Services, ServicesDep
from shared import content
from shared.db import keyed_requests, session, standing, tenants, tokens
from shared.db.crypto import audit
from shared.db.session import Connection
from shared.db.tokens import Bearer, Stored

router = APIRouter(prefix="/api")

LONGEST_S = 36525 * DAY_S


@router.post("/tokens", status_code=201, response_model=IssuedToken)
async def create(
    found: ServicesDep, who: Admin, wanted: Annotated[NewToken, record(NewToken)], key: Key = None
) -> JSONResponse:
    """Create a token; its secret is returned only once.

    Repeating the Idempotency-Key returns the same token with a new secret, until the token's first use.
    """
    return JSONResponse(await run_in_threadpool(_created, found, who, wanted, key), 201)


def _created(found: Services, who: Bearer, wanted: NewToken, key: str | None) -> IssuedToken:
    tenant = _tenant(who, wanted.tenant or None)
    if not who.may(wanted.role):
        raise Forbidden(f"a token of the role {who.role} cannot create one of the role {wanted.role}")
    token_id, asked = tokens.new_id(), content.digest(["token", tenant, wanted.model_dump(mode="json")])
    with session.borrowed(found.engine) as connection, connection.transaction():
        if known := keyed_requests.keep(connection, who, key, asked, token_id):
            return _renewed(connection, who, known)
        expires_s = _seconds(wanted.expires_s)
        return _issued(connection, who, token_id, wanted.name, wanted.role, tenant, expires_s)


def _tenant(who: Bearer, named: str | None) -> str:
    """Return the requested tenant, by default the caller's own.

    Raises:
        Forbidden: it is another tenant, and the caller is no operator.
    """
    if named not in (None, who.tenant) and not who.may("operator"):
        raise Forbidden(f"tokens of another tenant need the role operator, and {who.name!r} has {who.role}")
    return named or who.tenant


def _seconds(span: Span | None) -> float | None:
    if span is None:
        return None
    if span.length_s > LONGEST_S:
        raise BadInput("must be at most a hundred years", field="expires_s", value=str(span))
    now = datetime.now(UTC)
    return (span.after(now) - now).total_seconds()


def _issued(
    connection: Connection,
    who: Bearer,
    token_id: str,
    name: str,
    role: str,
    tenant: str,
    expires_s: float | None,
    **more: str,
) -> IssuedToken:
    """Insert a token in the caller's transaction; return it with its secret, which is not stored."""
    token = tokens.create(
        connection, name=name, role=role, tenant=tenant, expires_s=expires_s, token_id=token_id, by=who.name
    )
    made = tokens.find(connection, token_id)
    assert made is not None
    audit.append(
        connection, made.tenant_id, who.name, "token.create", token_id, {"name": name, "role": role, **more}
    )
    return IssuedToken({"token": token, **made.document()})


def _renewed(connection: Connection, who: Bearer, token_id: str) -> IssuedToken:
    """Return the token of an earlier request with the same key, whose response may have been lost.

    The secret is not stored, so a new one is drawn. A token that has been used keeps its secret.

    Raises:
        Conflict: it has been used or revoked since.
    """
    made = _stored(connection, who, token_id)
    token = tokens.renew(connection, token_id)
    if token is None:
        rule = f"this Idempotency-Key made the token {token_id}, which was used or revoked since"
        raise Conflict(f"{rule}: a token is shown only once; rotate it, or create another with another key")
    audit.append(connection, made.tenant_id, who.name, "token.renew", token_id, {"name": made.name})
    return IssuedToken({"token": token, **made.document()})


@router.get("/tokens", response_model=TokenPage)
def listing(
    found: ServicesDep, who: Admin, tenant: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List the tenant's tokens, newest first, without secrets; operators may name another tenant."""
    wanted = _tenant(who, tenant)
    with session.borrowed(found.engine) as connection:
        rows = tokens.listing(connection, wanted, limit=limit, after=after)
    following = rows[-1].token_id if len(rows) == limit else None
    return JSONResponse({"tokens": [row.document() for row in rows], "next": following})


@router.post("/tokens/{token_id}/revoke", response_model=RevokedToken)
def revoke(token_id: str, found: ServicesDep, who: Admin) -> JSONResponse:
    """Revoke a token permanently, and cancel the standing jobs submitted with it."""
    if token_id == who.token_id:
        raise Conflict("a token cannot revoke itself: use another one, or rotate it")
    with session.borrowed(found.engine) as connection, connection.transaction():
        stored = _stored(connection, who, token_id)
        reason = f"the token {stored.name!r} that it came with was revoked"
        cancelled = standing.cancel(connection, stored.tenant_id, token_id, by=who.name, reason=reason)
        if tokens.revoke(connection, token_id, by=who.name):
            facts = {"name": stored.name, "cancelled_jobs": cancelled}
            audit.append(connection, stored.tenant_id, who.name, "token.revoke", token_id, facts)
        ended = _stored(connection, who, token_id)
    found.bearers.forget(token_id)
    return JSONResponse(ended.document() | {"cancelled_jobs": cancelled})


@router.post("/tokens/{token_id}/rotate", status_code=201, response_model=IssuedToken)
async def rotate(
    token_id: str,
    found: ServicesDep,
    who: Admin,
    wanted: Annotated[Rotation, record(Rotation)],
    key: Key = None,
) -> JSONResponse:
    """Replace a token by one with the same name, role and tenant; the old one ends, after `grace_s` if given.

    The Idempotency-Key works as it does for a new token.
    """
    return JSONResponse(await run_in_threadpool(_rotated, found, who, token_id, wanted, key), 201)


def _rotated(found: Services, who: Bearer, token_id: str, wanted: Rotation, key: str | None) -> IssuedToken:
    new_id, asked = tokens.new_id(), content.digest(["rotate", token_id, wanted.model_dump(mode="json")])
    with session.borrowed(found.engine) as connection, connection.transaction():
        old = _stored(connection, who, token_id)
        if known := keyed_requests.keep(connection, who, key, asked, new_id):
            return _renewed(connection, who, known)
        expires_s = _seconds(wanted.expires_s)
        if expires_s is None and old.expires_at:
            expires_s = (old.expires_at - old.created_at).total_seconds()
        made = _issued(
            connection, who, new_id, old.name, old.role, old.tenant, expires_s, instead_of=token_id
        )
        ended = (
            tokens.shorten(connection, token_id, wanted.grace_s)
            if wanted.grace_s
            else tokens.revoke(connection, token_id, by=who.name)
        )
        if not ended:
            raise Conflict(f"the token {token_id} is already revoked: create a new one")
        standing.pass_on(connection, old.tenant_id, token_id, made["token_id"])
    found.bearers.forget(token_id)
    return made


def _stored(connection: Connection, who: Bearer, token_id: str) -> Stored:
    """Return a token that the caller may end.

    Raises:
        NotFound: there is none in the caller's tenant.
        Forbidden: its role exceeds the caller's.
    """
    stored = tokens.find(connection, token_id)
    if stored is None or not (stored.tenant_id == who.tenant_id or who.may("operator")):
        raise NotFound(f"there is no token {token_id!r} in this tenant")
    if not who.may(stored.role):
        raise Forbidden(f"a token of the role {who.role} cannot revoke one of the role {stored.role}")
    return stored


@router.get("/tenants", response_model=TenantPage)
def tenant_listing(
    found: ServicesDep, who: Operator,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List all tenants by name."""
    with session.borrowed(found.engine) as connection:
        rows = tenants.listing(connection, limit=limit, after=after)
    return JSONResponse({"tenants": rows, "next": rows[-1]["tenant"] if len(rows) == limit else None})


@router.post("/tenants", response_model=TenantWeight)
async def set_tenant(
    found: ServicesDep, who: Operator, wanted: Annotated[NewTenant, record(NewTenant)], key: Key = None
) -> JSONResponse:
    """Create a tenant, or change its weight; once for each Idempotency-Key."""
    return JSONResponse(await run_in_threadpool(_set, found, who, wanted, key))


def _set(found: Services, who: Bearer, wanted: NewTenant, key: str | None) -> TenantWeight:
    asked = content.digest(["tenant", wanted.model_dump(mode="json")])
    with session.borrowed(found.engine) as connection, connection.transaction():
        if keyed_requests.keep(connection, who, key, asked, wanted.tenant) is None:
            tenants.set_weight(connection, wanted.tenant, wanted.weight)
            facts = {"weight": wanted.weight}
            audit.append(connection, who.tenant_id, who.name, "tenant.set", wanted.tenant, facts)
    return TenantWeight(tenant=wanted.tenant, weight=wanted.weight)
