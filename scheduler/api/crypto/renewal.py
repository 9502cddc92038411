"""Renewing certificates over HTTP: done by a job, since only workers know targets and reach their servers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from scheduler.api.bodies import object_of
from scheduler.api.jobs import Key, document
from scheduler.api.models.job import Job
from scheduler.api.services import Admin, ServicesDep
from scheduler.planning import submission

router = APIRouter(prefix="/api/crypto/certificates/renew")


@router.post("", status_code=202, response_model=Job)
async def renew(request: Request, found: ServicesDep, who: Admin, key: Key = None) -> JSONResponse:
    """The job that renews what is due: `names`, `within_days`, `force`, `dry_run`, `every_s` where wanted."""
    wanted = {**await object_of(request), "kind": "cryptographic", "operation": "renew_certificates"}
    job_id = await run_in_threadpool(found.submission.submit, wanted, submission.Request(who, key))
    job = await run_in_threadpool(document, found, who, job_id)
    return JSONResponse(job, 202, {"Location": f"/api/quantum/jobs/{job_id}"})
