"""Inventories over HTTP: made by a job, since only workers look at files and servers."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.errors import BadInput
from scheduler.api.bodies import body_of
from scheduler.api.jobs import Key, document
from scheduler.api.models.job import Job
from scheduler.api.services import Admin, ServicesDep
from scheduler.planning import submission

router = APIRouter(prefix="/api/crypto/inventory")


@router.post("", status_code=202, response_model=Job)
async def new_inventory(request: Request, found: ServicesDep, who: Admin, key: Key = None) -> JSONResponse:
    """The job that looks at `paths`, `endpoints`, `store` and `stack`; its result holds the inventory."""
    body = await body_of(request)
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    wanted = {**body, "kind": "cryptographic", "operation": "inventory"}
    job_id = await run_in_threadpool(found.submission.submit, wanted, submission.Request(who, key))
    job = await run_in_threadpool(document, found, who, job_id)
    return JSONResponse(job, 202, {"Location": f"/api/quantum/jobs/{job_id}"})
