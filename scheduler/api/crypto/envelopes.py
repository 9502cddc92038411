"""Envelopes, hybrid signatures and signed results over HTTP; private keys stay on the workers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.envelope import RewrappedHeader, SignatureBundle, SignedResult
from novacron.crypto import results
from novacron.specs.crypto.envelopes import RewrapEnvelope, SignBundle, SignResult
from scheduler.api.body import Operation, operation
from scheduler.api.jobs import Key, document
from scheduler.api.operations import performed
from scheduler.api.services import ServicesDep, Submitter

router = APIRouter(prefix="/api/crypto")

Rewrap = Annotated[Operation[RewrapEnvelope], operation(RewrapEnvelope)]
Signature = Annotated[Operation[SignBundle], operation(SignBundle)]


@router.post("/envelopes/rewrap", response_model=RewrappedHeader)
async def rewrap(found: ServicesDep, who: Submitter, wanted: Rewrap, key: Key = None) -> JSONResponse:
    """Rewrap an envelope's `header` for changed recipients, with the stored key `key_id`."""
    return JSONResponse(await performed(found, who, wanted.spec, key, wanted.digest))


@router.post("/signatures", response_model=SignatureBundle)
async def sign(found: ServicesDep, who: Submitter, wanted: Signature, key: Key = None) -> JSONResponse:
    """Sign a content's `sha512` and `length` with the stored keys `key_ids`: a hybrid signature."""
    done = await performed(found, who, wanted.spec, key, wanted.digest)
    return JSONResponse({name: done[name] for name in ("statement", "signatures")})


@router.post("/results/{job_id}/sign", response_model=SignedResult)
async def sign_result(job_id: str, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """Sign a completed job with its result and receipt."""
    job = await run_in_threadpool(document, found, who, job_id)
    parts = results.parts(job)
    done = await performed(found, who, SignResult(job_id=job_id), key)
    return await run_in_threadpool(JSONResponse, {**parts, "signature": done["signature"]})
