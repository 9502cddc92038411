"""The audit log over HTTP, for archiving and verification elsewhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.audit import AuditHead
from novacron.specs.crypto.keys import SignAudit
from scheduler.api.models.page import AuditPage, SignedHead
from scheduler.api.operations import performed
from scheduler.api.services import Reader, Services, ServicesDep, Submitter
from shared.db import session
from shared.db.crypto import audit
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/audit")

MOST = 2**53


@router.get("", response_model=AuditPage)
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500, after: Annotated[int, Query(ge=0, le=MOST)] = 0,
) -> JSONResponse:  # fmt: skip
    """List the tenant's entries after number `after`, oldest first, with the newest signature."""
    with session.borrowed(found.engine) as connection:
        head = audit.head(connection, who.tenant_id)
        entries = audit.entries(connection, who.tenant_id, after=after, limit=limit)
    following = entries[-1]["seq"] if len(entries) == limit else None
    return JSONResponse({"entries": entries, "head": head, "next": following})


@router.post("/sign", response_model=SignedHead)
async def sign(found: ServicesDep, who: Submitter) -> JSONResponse:
    """Sign the newest entry, unless it was signed when it was written."""
    head, unsigned = await run_in_threadpool(_head, found, who)
    if unsigned:
        await performed(found, who, SignAudit())
        head, _ = await run_in_threadpool(_head, found, who)
    return JSONResponse({"head": head})


def _head(found: Services, who: Bearer) -> tuple[AuditHead | None, bool]:
    """Return the newest signature, and whether entries exist that it does not cover."""
    with session.borrowed(found.engine) as connection:
        signed = audit.head(connection, who.tenant_id)
        last = audit.last(connection, who.tenant_id)
    head = None if signed is None else AuditHead(signed)
    return head, last is not None and (head is None or head.seq < last[0])
