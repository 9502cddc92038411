"""Migrations over HTTP: carried out, taken back and watched as jobs; how far they are is answered at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.migration import MigrationStatus
from novacron.errors import NotFound
from novacron.migration import selection
from novacron.specs import parse_spec
from novacron.specs.crypto.migration import ExecuteMigration
from scheduler.api.bodies import object_of
from scheduler.api.jobs import Key, document
from scheduler.api.models.job import Job
from scheduler.api.services import Admin, Reader, Services, ServicesDep
from scheduler.planning import submission
from shared.db import session
from shared.db.crypto import plans, steps
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/migration/plans/{plan_id}")


def _plan(found: Services, who: Bearer, plan_id: str) -> dict[str, Any]:
    with session.borrowed(found.engine) as connection:
        plan = plans.find(connection, who.tenant_id, plan_id)
    if plan is None:
        raise NotFound(f"there is no migration plan {plan_id!r} of yours")
    return plan


async def _job(
    request: Request, found: Services, who: Bearer, plan_id: str, operation: str, key: str | None
) -> JSONResponse:
    """The job that does it; an empty body is an empty object."""
    body = await object_of(request)
    plan = await run_in_threadpool(_plan, found, who, plan_id)
    wanted = {**body, "kind": "cryptographic", "operation": operation, "plan_id": plan_id}
    match parse_spec(wanted):
        case ExecuteMigration(confirm=confirm, until=until):
            selection.check(plan["steps"], confirm, until)
    job_id = await run_in_threadpool(found.submission.submit, wanted, submission.Request(who, key))
    job = await run_in_threadpool(document, found, who, job_id)
    return JSONResponse(job, 202, {"Location": f"/api/quantum/jobs/{job_id}"})


@router.post("/execute", status_code=202, response_model=Job)
async def execute(
    plan_id: str, request: Request, found: ServicesDep, who: Admin, key: Key = None
) -> JSONResponse:
    """Carry a plan out, or go on with it.

    `until` ends it with a step, `confirm` and `confirm_all` say what was done by hand, `approve_retire` lets
    it pass the point of no return, `now` before its day, `unattended` by itself on that day; `abandon` gives
    up what needs what it destroys, and `dry_run` only tells.
    """
    return await _job(request, found, who, plan_id, "execute_migration", key)


@router.post("/rollback", status_code=202, response_model=Job)
async def rollback(
    plan_id: str, request: Request, found: ServicesDep, who: Admin, key: Key = None
) -> JSONResponse:
    """Put back everything a plan has changed."""
    return await _job(request, found, who, plan_id, "rollback_migration", key)


@router.post("/watch", status_code=202, response_model=Job)
async def watch(
    plan_id: str, request: Request, found: ServicesDep, who: Admin, key: Key = None
) -> JSONResponse:
    """Look every `every_s` seconds whether endpoints still offer what the plan left them with."""
    return await _job(request, found, who, plan_id, "watch_migration", key)


@router.get("/status", response_model=MigrationStatus)
def status(plan_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """How far a plan is: its steps with their evidence, and what has drifted since."""
    plan = _plan(found, who, plan_id)
    with session.borrowed(found.engine) as connection:
        begun = steps.status(connection, who.tenant_id, plan_id)
    return JSONResponse(begun or steps.not_begun(plan))
