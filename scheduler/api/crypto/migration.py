"""Migration assessments and plans over HTTP: computed at once in a parser process; neither needs a key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from novacron.answers.migration import Assessment, Policies
from novacron.answers.plan import MigrationPlan
from novacron.errors import NotFound
from novacron.migration.requests import AssessRequest, PlanRequest
from scheduler.api.jobs import Key
from scheduler.api.models.page import PlanPage
from scheduler.api.posted import Posted, asked, submitted
from scheduler.api.services import Reader, ServicesDep
from scheduler.pqc.migration import agility, mosca, policies
from shared.db import session
from shared.db.crypto import plans

router = APIRouter(prefix="/api/crypto/migration")


@router.get("/policies", response_model=Policies)
def policy_listing(found: ServicesDep, who: Reader) -> JSONResponse:
    """List the policies for assessments and plans, the threat's dates, and the agility questions."""
    known = policies.load(found.settings.policies)
    return JSONResponse({
        "policies": [policy.model_dump(mode="json") for policy in known.values()],
        "threat": mosca.shown(),
        "questions": list(agility.questions()),
    })  # fmt: skip


@router.post("/assess", response_model=Assessment)
async def assessment(posted: Annotated[Posted, asked(AssessRequest)]) -> Response:
    """Assess an inventory. Nothing is written."""
    return await posted.answer("assess")


@router.post("/plan", status_code=201, response_model=MigrationPlan)
async def new_plan(posted: Annotated[Posted, submitted(PlanRequest)], key: Key = None) -> Response:
    """Create and store a plan; nothing changes before it is executed."""
    return await posted.answer("plan", status=201, key=key)


@router.get("/plans", response_model=PlanPage)
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List the caller's plans without their steps, newest first."""
    with session.borrowed(found.engine) as connection:
        rows = plans.listing(connection, who.tenant_id, limit=limit, after=after)
    return JSONResponse({"plans": rows, "next": rows[-1]["plan_id"] if len(rows) == limit else None})


@router.get("/plans/{plan_id}", response_model=MigrationPlan)
def read(plan_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """Return a plan with its progress."""
    with session.borrowed(found.engine) as connection:
        known = plans.find(connection, who.tenant_id, plan_id)
    if known is None:
        raise NotFound(f"there is no migration plan {plan_id!r} in this tenant")
    return JSONResponse(known)
