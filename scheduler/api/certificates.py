"""Certificates over HTTP. CAs' private keys are with the workers: what they sign is made there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.errors import BadInput, NotFound
from scheduler.api.jobs import Key, body_of
from scheduler.api.operations import performed
from scheduler.api.services import Reader, ServicesDep, Submitter
from shared.db import certificates, session

router = APIRouter(prefix="/api/crypto/certificates")


async def _object(request: Request) -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty one."""
    body = await body_of(request) if await request.body() else {}
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    return body


@router.post("/generate", status_code=201)
async def generate(request: Request, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """A certificate: for a new key of `algorithm`, or for the key of the request in `csr`."""
    body = await _object(request)
    operation = "sign_certificate_request" if "csr" in body else "generate_certificate"
    return JSONResponse(await performed(found, who, {**body, "operation": operation}, key), 201)


@router.get("")
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """The caller's certificates, newest first, without their chains."""
    with session.borrowed(found.engine) as connection:
        rows = certificates.listing(connection, who.tenant_id, limit=limit, after=after)
    following = rows[-1].certificate_id if len(rows) == limit else None
    return JSONResponse({"certificates": [row.document([]) for row in rows], "next": following})


@router.get("/{certificate_id}")
def read(certificate_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """One certificate with the chain above it."""
    with session.borrowed(found.engine) as connection:
        stored = certificates.find(connection, who.tenant_id, certificate_id)
        if stored is None:
            raise NotFound(f"there is no certificate {certificate_id!r} of yours")
        return JSONResponse(stored.document(certificates.above(connection, stored)))


@router.post("/{certificate_id}/revoke")
async def revoke(
    certificate_id: str, request: Request, found: ServicesDep, who: Submitter, key: Key = None
) -> JSONResponse:
    """The end of a certificate before its time, for a `reason`."""
    await run_in_threadpool(read, certificate_id, found, who)
    wanted = {**await _object(request), "operation": "revoke_certificate", "certificate_id": certificate_id}
    return JSONResponse(await performed(found, who, wanted, key))
