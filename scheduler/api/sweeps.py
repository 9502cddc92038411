"""Sweeps over HTTP: their table and those of other jobs, further values, failed jobs once more."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from novacron.errors import NotFound
from novacron.specs.sweep import Growth
from scheduler.api.jobs import AT_ONCE, Key, Texts, accepted, listed
from scheduler.api.models.job import Job, RowPage, TablePage
from scheduler.api.posted import Posted, submitted
from scheduler.api.services import Reader, Services, ServicesDep, Submitter, own
from shared.db import rows, session
from shared.db.reading import Filter
from shared.db.tokens import Bearer

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
        made = rows.table(connection, who.tenant_id, job_id, limit=limit, after=after)
    return JSONResponse({"rows": made, "next": made[-1]["position"] if len(made) == limit else None})


@router.get("/table", response_model=RowPage)
def jobs_table(
    found: ServicesDep, who: Reader, wanted: Annotated[Filter, Depends(listed)], id: Texts = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List jobs with the numbers of their results: those with an `id`, in this order, or the newest first."""
    if id:
        return JSONResponse({"rows": _rows_of(found, who, id), "next": None})
    with session.borrowed(found.engine) as connection:
        made = rows.listing(connection, who.tenant_id, wanted, limit=limit, after=after)
    return JSONResponse({"rows": made, "next": made[-1]["job_id"] if len(made) == limit else None})


def _rows_of(found: Services, who: Bearer, ids: list[str]) -> list[dict[str, Any]]:
    with session.borrowed(found.engine) as connection:
        made = rows.of(connection, who.tenant_id, ids)
    if absent := set(ids) - {row["job_id"] for row in made}:
        raise NotFound(f"there is no job {min(absent)!r} in this tenant")
    return made


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
