"""Use of providers' devices over HTTP: by job, and by tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from novacron.answers.cost import Cost
from novacron.errors import Forbidden, NotFound
from scheduler.api.services import Reader, ServicesDep, own
from shared.db import qpu_ledger, session, tenants
from shared.db.qpu_ledger import Account

router = APIRouter(prefix="/api/quantum")


@router.get("/jobs/{job_id}/cost", response_model=Cost)
def of_job(job_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """Sum what the caller's job has used of devices, or reserved."""
    own(found, who, job_id)
    with session.borrowed(found.engine) as connection:
        accounts = qpu_ledger.of_job(connection, job_id)
    return JSONResponse(_cost(who.tenant, accounts))


@router.get("/costs", response_model=Cost)
def of_tenant(
    found: ServicesDep, who: Reader, tenant: str | None = None, since: datetime | None = None
) -> JSONResponse:
    """Sum what a tenant has used of devices, or reserved; only operators may name another than their own."""
    if tenant not in (None, who.tenant) and not who.may("operator"):
        raise Forbidden(f"costs of another tenant need the role operator, and {who.name!r} has {who.role}")
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    name = tenant or who.tenant
    with session.borrowed(found.engine) as connection:
        tenant_id = tenants.id_of(connection, name)
        if tenant_id is None:
            raise NotFound(f"there is no tenant {name!r}")
        accounts = qpu_ledger.of_tenant(connection, tenant_id, since)
    return JSONResponse(_cost(name, accounts))


def _cost(tenant: str, accounts: Sequence[Account]) -> Cost:
    prices = [one.usd for one in accounts]
    return Cost(
        tenant=tenant,
        qpu_s=sum(one.qpu_s for one in accounts),
        usd=None if None in prices else sum(price or 0.0 for price in prices),
        devices=[one.shown() for one in accounts],
    )
