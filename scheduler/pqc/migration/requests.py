"""Requests to the migration engine: bodies of assessments and plans."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from novacron.answers.migration import Assessment
from novacron.answers.plan import MigrationPlan
from novacron.json_types import JsonObject
from novacron.migration.requests import AssessRequest, PlanRequest
from novacron.specs.refusal import validated
from scheduler.pqc.migration import needed, policies
from scheduler.pqc.migration.assess import assess
from scheduler.pqc.migration.plan import plan
from shared import content, ulid
from shared.crypto import permitted
from shared.db import session
from shared.db.crypto import plans
from shared.db.tokens import Bearer
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.db.session import Engine


def assessed(settings: Settings, body: JsonObject, today: date) -> Assessment:
    """Assess an inventory. Nothing is written.

    Raises:
        BadInput: the request breaks a rule.
    """
    known = policies.load(settings.policies)
    named = body.get("policies", list(policies.ASSESSED_BY_DEFAULT))
    wanted: object = named
    if isinstance(named, list):
        wanted = [policies.resolved(one, known, f"policies[{n}]") for n, one in enumerate(named)]
    return assess(validated(AssessRequest, {**body, "policies": wanted}), today)


def planned(
    settings: Settings, engine: Engine, who: Bearer, body: JsonObject, key: str | None
) -> MigrationPlan:
    """Create and store a plan; the same idempotency key returns the same plan.

    Raises:
        BadInput: the request breaks a rule, or names a key that a certificate is bound to.
        Conflict: the key was used with another body.
    """
    request_hash = content.digest(body)
    with session.borrowed(engine) as connection:
        if key and (
            known := plans.by_idempotency_key(connection, who.tenant_id, who.role, key, request_hash)
        ):
            return MigrationPlan(known)
    allowed = permitted.load(settings.pq_crypto_file)
    body = allowed.timed(body)
    policy = policies.resolved(
        body.get("policy", policies.DEFAULT), policies.load(settings.policies), "policy"
    )
    wanted = validated(PlanRequest, {**body, "policy": policy})
    wanted = wanted.model_copy(update={"policy": allowed.narrowed(wanted.policy)})
    with session.borrowed(engine) as connection:
        needed.check(connection, who.tenant_id, wanted.components)
    made = plan(wanted, ulid.new("plan_"), datetime.now(UTC)).model_dump(mode="json")
    with session.borrowed(engine) as connection:
        kept = plans.insert(
            connection, who.tenant_id, made,
            actor=who.name, role=who.role, idempotency_key=key, request_hash=request_hash,
        )  # fmt: skip
    return MigrationPlan(kept)
