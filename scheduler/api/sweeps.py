"""Sweeps over HTTP: their table, further values, failed jobs once more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from novacron.specs.sweep import Growth
from scheduler.api.jobs import AT_ONCE, Key, accepted
from scheduler.api.models.job import Job, TablePage
from scheduler.api.posted import Posted, submitted
from scheduler.api.services import Reader, ServicesDep, Submitter, own
from shared.db import reading, session

router = APIRouter(prefix="/api/quantum")

Grown = Annotated[Posted, submitted(Growth)]


@router.get("/jobs/{job_id}/table", response_model=TablePage)
def table(
    job_id: str, found: ServicesDep, who: Reader, limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    after: Annotated[int, Query(ge=-1, lt=2**31)] = -1,
) -> JSONResponse:  # fmt: skip
    """List the jobs of a sweep in order, with the numbers of their results; none for other kinds of jobs."""
    own(found, who, job_id)
    with session.borrowed(found.engine) as connection:
        rows = reading.table(connection, who.tenant_id, job_id, limit=limit, after=after)
    return JSONResponse({"rows": rows, "next": rows[-1]["position"] if len(rows) == limit else None})


@router.post("/jobs/{job_id}/extend", status_code=202, response_model=Job, responses=AT_ONCE)
async def extend(posted: Grown, job_id: str, found: ServicesDep, key: Key = None) -> Response:
    """Submit a sweep with further values; completed jobs are not run again."""
    await run_in_threadpool(own, found, posted.who, job_id)
    new = await posted.made("extend", key=key, job_id=job_id)
    return await accepted(found, posted.who, new, 0)


@router.post("/jobs/{job_id}/retry", status_code=202, response_model=Job, responses=AT_ONCE)
async def retry(job_id: str, found: ServicesDep, who: Submitter, key: Key = None) -> Response:
    """Submit a failed or cancelled job again; of a sweep, only the jobs that did not complete."""
    new = await found.intake.made("retry", (), who, key=key, job_id=job_id)
    return await accepted(found, who, new, 0)
