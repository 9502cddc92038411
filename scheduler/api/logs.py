"""The log lines of a job over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from scheduler.api.models.job import LogPage
from scheduler.api.services import Reader, ServicesDep, own
from shared.db import log_lines, session

router = APIRouter(prefix="/api/quantum")

LAST = 2**63 - 1


@router.get("/jobs/{job_id}/logs", response_model=LogPage)
def listing(
    job_id: str, found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = log_lines.MOST,
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
) -> JSONResponse:  # fmt: skip
    """List the last log lines of the caller's job, oldest first."""
    own(found, who, job_id)
    with session.borrowed(found.engine) as connection:
        page = log_lines.read(connection, job_id, after=after, limit=limit)
    following = page.lines[-1]["number"] if len(page.lines) == limit else None
    return JSONResponse({"lines": page.lines, "next": following, "ended": page.ended})
