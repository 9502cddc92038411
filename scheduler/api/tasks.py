"""The tasks of a job over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from scheduler.api.models.job import TaskPage
from scheduler.api.services import Reader, ServicesDep, own
from shared.db import reading, session

router = APIRouter(prefix="/api/quantum")

LAST = 2**63 - 1


@router.get("/jobs/{job_id}/tasks", response_model=TaskPage)
def listing(
    job_id: str, found: ServicesDep, who: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[int, Query(ge=0, le=LAST)] = 0,
) -> JSONResponse:  # fmt: skip
    """List the tasks of the caller's job, in creation order."""
    own(found, who, job_id)
    with session.borrowed(found.engine) as connection:
        rows = reading.tasks(connection, job_id, limit=limit, after=after)
    return JSONResponse({"tasks": rows, "next": rows[-1]["task_id"] if len(rows) == limit else None})
