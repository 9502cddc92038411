"""Jobs over HTTP: submit, list, read, cancel, replay, explain."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from novacron.answers.explanation import Explanation
from novacron.errors import BadInput, Conflict, NotFound
from novacron.specs import SPECS
from novacron.specs.crypto import OPERATIONS
from novacron.specs.tagging import Tagging
from scheduler.api.body import record
from scheduler.api.models.circuit import ExecutedCircuit
from scheduler.api.models.job import AcceptedJobs, Job, JobPage, SubmittedJobs
from scheduler.api.models.model import Declared
from scheduler.api.posted import Posted, asked, submitted
from scheduler.api.services import Reader, Services, ServicesDep, Submitter, own
from scheduler.api.watch import SWEEP_S, changed
from shared.db import jobs, reading
from shared.db import session as db_session
from shared.db.reading import Document, Filter, WholeJob
from shared.db.tokens import Bearer
from shared.states import ENDED

router = APIRouter(prefix="/api/quantum")

WaitS = Annotated[float, Query(ge=0, le=60)]
Reason = Annotated[str | None, Query(min_length=1, max_length=200)]
JOBS: Final = tuple(dict.fromkeys([*SPECS.values(), *OPERATIONS.values()]))
NewJob = Annotated[Posted, submitted(*JOBS)]
NewJobs = Annotated[Posted, submitted(SubmittedJobs)]
NewCircuit = Annotated[Posted, submitted(ExecutedCircuit, fixed=("kind",))]
AskedJob = Annotated[Posted, asked(*JOBS)]
AT_ONCE: Final[Declared] = {200: {"model": Job, "description": "The job has ended already."}}
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


def found_job(found: Services, who: Bearer, job_id: str) -> Document:
    """Return the caller's job.

    Raises:
        NotFound: the caller's tenant has no such job.
    """
    with db_session.borrowed(found.engine) as connection:
        job = reading.document(connection, who.tenant_id, job_id)
    if job is None:
        raise NotFound(f"there is no job {job_id!r} in this tenant")
    return job


def document(found: Services, who: Bearer, job_id: str) -> WholeJob:
    """Return the document of the caller's job as plain JSON.

    Raises:
        NotFound: the caller's tenant has no such job.
    """
    return found_job(found, who, job_id).plain()


async def when_ended(found: Services, who: Bearer, job_id: str, wait_s: float) -> Document:
    """Return the job once it has ended, or after `wait_s`."""
    deadline = asyncio.get_running_loop().time() + wait_s
    with found.watch.waiter(job_id) as event:
        while True:
            job = await run_in_threadpool(found_job, found, who, job_id)
            left = deadline - asyncio.get_running_loop().time()
            if job.status in ENDED or left <= 0:
                return job
            await changed(event, min(left, SWEEP_S))


def shown(job: Document, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response with a job document."""
    return Response(job.text(), status, headers, media_type="application/json")


async def accepted(found: Services, who: Bearer, job_id: str, wait_s: float) -> Response:
    """Return the response to the submission of a job, after `wait_s` or once it has ended."""
    job = await when_ended(found, who, job_id, wait_s)
    location = {"Location": f"/api/quantum/jobs/{job_id}"}
    return shown(job, 200 if job.status in ENDED else 202, location)


@router.post("/jobs", status_code=202, response_model=Job, responses=AT_ONCE)
async def submit(posted: NewJob, found: ServicesDep, key: Key = None, wait_s: WaitS = 0) -> Response:
    """Submit a job; it is durable once this returns 202 (200 if it has already ended)."""
    job_id = await posted.submit(key)
    return await accepted(found, posted.who, job_id, wait_s)


@router.post("/jobs/batch", status_code=202, response_model=AcceptedJobs)
async def submit_many(posted: NewJobs, key: Key = None) -> Response:
    """Submit up to 1,000 jobs: all are accepted, or none; errors name `jobs[i]`."""
    return await posted.answer("submit_many", status=202, key=key)


@router.post("/circuits/execute", status_code=202, response_model=Job, responses=AT_ONCE)
async def execute(posted: NewCircuit, found: ServicesDep, key: Key = None, wait_s: WaitS = 0) -> Response:
    """Run one circuit: OpenQASM text in `circuit`, otherwise the keys of a pure_quantum job."""
    job_id = await posted.made("execute", key=key)
    return await accepted(found, posted.who, job_id, wait_s)


Tagged = Annotated[Tagging, record(Tagging)]
Texts = Annotated[list[str] | None, Query()]


async def listed(
    status: Texts = None, kind: Texts = None, tag: Texts = None, name: str | None = None,
    q: str | None = None, since: datetime | None = None, until: datetime | None = None,
) -> Filter:  # fmt: skip
    """Return which jobs are listed; `status`, `kind` and `tag` may be repeated."""
    for wanted in status or ():
        if wanted not in jobs.STATES:
            raise BadInput(f"must be one of {', '.join(jobs.STATES)}", field="status", value=wanted)
    return Filter(status, kind, tag, name, q, None, since, until)


async def _filter(
    wanted: Annotated[Filter, Depends(listed)], sweep: str | None = None, session: str | None = None
) -> Filter:
    """Return which jobs are listed: those of a sweep or the calls of a session where one is given."""
    if sweep is not None and session is not None:
        raise BadInput("is given beside sweep; jobs belong to one of them", field="session", value=session)
    return replace(wanted, sweep=sweep, session=session)


@router.get("/jobs", response_model=JobPage)
def listing(
    found: ServicesDep, who: Reader, wanted: Annotated[Filter, Depends(_filter)],
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None, counts: bool = False,
) -> JSONResponse:  # fmt: skip
    """List the caller's jobs, newest first; with `counts`, also their numbers by state."""
    with db_session.borrowed(found.engine) as connection:
        rows = reading.listing(connection, who.tenant_id, wanted, limit=limit, after=after)
        counted = {"counts": reading.counts(connection, who.tenant_id, wanted)} if counts else {}
    return JSONResponse({"jobs": rows, "next": rows[-1]["job_id"] if len(rows) == limit else None, **counted})


@router.get("/jobs/{job_id}", response_model=Job)
async def read(job_id: str, found: ServicesDep, who: Reader, wait_s: WaitS = 0) -> Response:
    """Return a job with its result; with `wait_s`, wait at most that long for the job to end."""
    return shown(await when_ended(found, who, job_id, wait_s))


@router.delete("/jobs/{job_id}", response_model=Job)
def cancel(job_id: str, found: ServicesDep, who: Submitter, reason: Reason = None) -> Response:
    """Cancel a job: pending tasks never start, running ones are stopped."""
    own(found, who, job_id)
    with db_session.borrowed(found.engine) as connection:
        done = jobs.cancel(connection, job_id, who.name, reason)
    job = found_job(found, who, job_id)
    if not done and job.status != "cancelled":
        raise Conflict(f"job {job_id} is already {job.status}")
    return shown(job)


def _owned(job_id: str, found: ServicesDep, who: Submitter) -> str:
    """Return the id of a job of the caller's tenant, before the body is validated."""
    own(found, who, job_id)
    return job_id


Owned = Annotated[str, Depends(_owned)]


@router.patch("/jobs/{job_id}", response_model=Job)
def tag(owned: Owned, found: ServicesDep, who: Submitter, wanted: Tagged) -> Response:
    """Replace the tags of a job."""
    with db_session.borrowed(found.engine) as connection:
        reading.tag(connection, who.tenant_id, owned, wanted.tags)
    return shown(found_job(found, who, owned))


@router.post("/jobs/{job_id}/replay", status_code=202, response_model=Job, responses=AT_ONCE)
async def replay(job_id: str, found: ServicesDep, who: Submitter, key: Key = None) -> Response:
    """Run a stored job again from its spec, bypassing the cache."""
    new = await found.intake.made("replay", (), who, key=key, job_id=job_id)
    return await accepted(found, who, new, 0)


@router.post("/explain", response_model=Explanation)
async def explain(posted: AskedJob) -> Response:
    """Explain a job without submitting it: graph, placement, estimate. Nothing is written."""
    return await posted.explain()
