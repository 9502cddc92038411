"""Jobs of a sweep over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from scheduler.api.models.job import TablePage
from scheduler.api.services import Reader, ServicesDep, own
from shared.db import reading, session

router = APIRouter(prefix="/api/quantum")


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
