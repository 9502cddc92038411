"""Envelopes, hybrid signatures and signed results over HTTP; the private keys stay with the workers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.envelope import RewrappedHeader, SignatureBundle, SignedResult
from novacron.crypto import results
from scheduler.api.bodies import object_of
from scheduler.api.jobs import Key, document
from scheduler.api.operations import performed
from scheduler.api.services import ServicesDep, Submitter

router = APIRouter(prefix="/api/crypto")


@router.post("/envelopes/rewrap", response_model=RewrappedHeader)
async def rewrap(request: Request, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """An envelope's `header` for changed recipients, opened with the stored key `key_id`."""
    wanted = {**await object_of(request), "operation": "rewrap_envelope"}
    return JSONResponse(await performed(found, who, wanted, key))


@router.post("/signatures", response_model=SignatureBundle)
async def sign(request: Request, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """A hybrid signature of a content's `sha512` and `length` by the stored keys `key_ids`."""
    done = await performed(found, who, {**await object_of(request), "operation": "sign_bundle"}, key)
    return JSONResponse({name: done[name] for name in ("statement", "signatures")})


@router.post("/results/{job_id}/sign", response_model=SignedResult)
async def sign_result(job_id: str, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """A completed job with its result and receipt, signed."""
    job = await run_in_threadpool(document, found, who, job_id)
    parts = results.parts(job)
    done = await performed(found, who, {"operation": "sign_result", "job_id": job_id}, key)
    return await run_in_threadpool(JSONResponse, {**parts, "signature": done["signature"]})
