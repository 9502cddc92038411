"""Migrations over HTTP: executed, rolled back and monitored by jobs; their status is returned at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from novacron.answers.migration import MigrationStatus
from novacron.answers.plan import MigrationPlan
from novacron.errors import NotFound
from novacron.migration import selection
from novacron.specs.crypto.migration import ExecuteMigration, RollbackMigration, WatchMigration
from scheduler.api.body import Operation, operation
from scheduler.api.jobs import Key
from scheduler.api.models.job import Job
from scheduler.api.operations import begun
from scheduler.api.services import Admin, Caller, Reader, ServicesDep
from shared.db import session
from shared.db.crypto import plans, steps

router = APIRouter(prefix="/api/crypto/migration/plans/{plan_id}")


Execution = Annotated[Operation[ExecuteMigration], operation(ExecuteMigration)]
Rollback = Annotated[Operation[RollbackMigration], operation(RollbackMigration)]
Watch = Annotated[Operation[WatchMigration], operation(WatchMigration)]


def _plan(plan_id: str, found: ServicesDep, who: Caller) -> MigrationPlan:
    with session.borrowed(found.engine) as connection:
        plan = plans.find(connection, who.tenant_id, plan_id)
    if plan is None:
        raise NotFound(f"there is no migration plan {plan_id!r} in this tenant")
    return MigrationPlan(plan)


OwnPlan = Annotated[MigrationPlan, Depends(_plan)]
"""The plan named by the path."""


@router.post("/execute", status_code=202, response_model=Job)
async def execute(
    found: ServicesDep, who: Admin, plan: OwnPlan, wanted: Execution, key: Key = None
) -> JSONResponse:
    """Execute a plan, or resume its execution."""
    selection.check(plan["steps"], wanted.spec.confirm, wanted.spec.until)
    return await begun(found, who, wanted, key)


@router.post("/rollback", status_code=202, response_model=Job)
async def rollback(
    found: ServicesDep, who: Admin, plan: OwnPlan, wanted: Rollback, key: Key = None
) -> JSONResponse:
    """Roll back every change that a plan has made."""
    return await begun(found, who, wanted, key)


@router.post("/watch", status_code=202, response_model=Job)
async def watch(
    found: ServicesDep, who: Admin, plan: OwnPlan, wanted: Watch, key: Key = None
) -> JSONResponse:
    """Check periodically that endpoints still offer what the plan configured."""
    return await begun(found, who, wanted, key)


@router.get("/status", response_model=MigrationStatus)
def status(plan_id: str, found: ServicesDep, who: Reader, plan: OwnPlan) -> JSONResponse:
    """Return a plan's progress: its steps with their evidence, and drift detected since."""
    with session.borrowed(found.engine) as connection:
        begun = steps.status(connection, who.tenant_id, plan_id)
    return JSONResponse(begun or steps.not_begun(plan))
