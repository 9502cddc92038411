"""Assessing and planning migrations: computed here, at once, since neither needs a key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from novacron.errors import NotFound
from novacron.migration.requests import AssessRequest, PlanRequest
from novacron.specs.record import Record
from novacron.specs.refusal import bad_input
from scheduler.api.jobs import Key, object_of
from scheduler.api.services import Reader, Services, ServicesDep, Submitter
from scheduler.migration import agility, mosca, policies
from scheduler.migration.assess import assess
from scheduler.migration.plan import plan
from shared import content, ulid
from shared.db import plans, session
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/migration")

Wanted = TypeVar("Wanted", bound=Record)


def _read(model: type[Wanted], body: dict[str, Any]) -> Wanted:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise bad_input(error, model) from None


@router.get("/policies")
def policy_listing(found: ServicesDep, who: Reader) -> JSONResponse:
    """The policies by which one may assess and plan, the dates of the threat, the questions of agility."""
    known = policies.load(found.settings.policies)
    return JSONResponse({
        "policies": [policy.model_dump(mode="json") for policy in known.values()],
        "threat": mosca.shown(),
        "questions": agility.questions(),
    })  # fmt: skip


@router.post("/assess")
async def assessment(request: Request, found: ServicesDep, who: Reader) -> JSONResponse:
    """An inventory weighed. Nothing is written."""
    return JSONResponse(await run_in_threadpool(_assessed, found, await object_of(request)))


def _assessed(found: Services, body: dict[str, Any]) -> dict[str, Any]:
    known = policies.load(found.settings.policies)
    wanted = body.get("policies", list(policies.ASSESSED_BY_DEFAULT))
    if isinstance(wanted, list):
        wanted = [policies.resolved(one, known, f"policies[{n}]") for n, one in enumerate(wanted)]
    return assess(_read(AssessRequest, {**body, "policies": wanted}), datetime.now(UTC).date())


@router.post("/plan", status_code=201)
async def new_plan(request: Request, found: ServicesDep, who: Submitter, key: Key = None) -> JSONResponse:
    """A plan, made and kept; nothing of it happens before it is executed."""
    made = await run_in_threadpool(_planned, found, who, await object_of(request), key)
    return JSONResponse(made, 201, {"Location": f"/api/crypto/migration/plans/{made['plan_id']}"})


def _planned(found: Services, who: Bearer, body: dict[str, Any], key: str | None) -> dict[str, Any]:
    request_hash = content.digest(body)
    with session.borrowed(found.engine) as connection:
        known = plans.by_idempotency_key(connection, who.tenant_id, key, request_hash) if key else None
    if known:
        return known
    policy = policies.resolved(
        body.get("policy", policies.DEFAULT), policies.load(found.settings.policies), "policy"
    )
    wanted = _read(PlanRequest, {**body, "policy": policy})
    made = plan(wanted, ulid.new("plan_"), datetime.now(UTC)).model_dump(mode="json")
    with session.borrowed(found.engine) as connection:
        return plans.insert(
            connection, who.tenant_id, made, actor=who.name, idempotency_key=key, request_hash=request_hash
        )


@router.get("/plans")
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """The caller's plans without their steps, newest first."""
    with session.borrowed(found.engine) as connection:
        rows = plans.listing(connection, who.tenant_id, limit=limit, after=after)
    return JSONResponse({"plans": rows, "next": rows[-1]["plan_id"] if len(rows) == limit else None})


@router.get("/plans/{plan_id}")
def read(plan_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """One plan, with how far it is."""
    with session.borrowed(found.engine) as connection:
        known = plans.find(connection, who.tenant_id, plan_id)
    if known is None:
        raise NotFound(f"there is no migration plan {plan_id!r} of yours")
    return JSONResponse(known)
