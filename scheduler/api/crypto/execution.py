"""Migrations over HTTP: carried out, taken back and watched as jobs; how far they are is answered at once."""

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
        raise NotFound(f"there is no migration plan {plan_id!r} of yours")
    return MigrationPlan(plan)


OwnPlan = Annotated[MigrationPlan, Depends(_plan)]
"""The plan that the address names."""


@router.post("/execute", status_code=202, response_model=Job)
async def execute(
    found: ServicesDep, who: Admin, plan: OwnPlan, wanted: Execution, key: Key = None
) -> JSONResponse:
    """Carry a plan out, or go on with it."""
    selection.check(plan["steps"], wanted.spec.confirm, wanted.spec.until)
    return await begun(found, who, wanted, key)


@router.post("/rollback", status_code=202, response_model=Job)
async def rollback(
    found: ServicesDep, who: Admin, plan: OwnPlan, wanted: Rollback, key: Key = None
) -> JSONResponse:
    """Put back everything a plan has changed."""
    return await begun(found, who, wanted, key)


@router.post("/watch", status_code=202, response_model=Job)
async def watch(
    found: ServicesDep, who: Admin, plan: OwnPlan, wanted: Watch, key: Key = None
) -> JSONResponse:
    """Look again and again whether endpoints still offer what the plan left them with."""
    return await begun(found, who, wanted, key)


@router.get("/status", response_model=MigrationStatus)
def status(plan_id: str, found: ServicesDep, who: Reader, plan: OwnPlan) -> JSONResponse:
    """How far a plan is: its steps with their evidence, and what has drifted since."""
    with session.borrowed(found.engine) as connection:
        begun = steps.status(connection, who.tenant_id, plan_id)
    return JSONResponse(begun or steps.not_begun(plan))
