"""Migration plans in the database: written once, read with their current status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from novacron.errors import Conflict
from shared.db.crypto import audit
from shared.db.session import Connection
from shared.db.statements import statement

INSERT = """
INSERT INTO migration_plans (id, tenant_id, created_at, idempotency_key, request_hash, role, document)
VALUES (%(id)s, %(tenant)s, %(created_at)s, %(key)s, %(hash)s, %(role)s, %(document)s)
ON CONFLICT (tenant_id, idempotency_key, role) DO NOTHING RETURNING id
"""
KNOWN = """
SELECT id, request_hash FROM migration_plans
WHERE tenant_id = %s AND idempotency_key = %s AND (role = %s OR role IS NULL)
"""
FIND = statement("plans.find")
LISTING = statement("plans.listing")
LISTING_AFTER = statement("plans.listing_after")
UNFINISHED = statement("plans.unfinished")


def insert(
    connection: Connection,
    tenant_id: int,
    plan: Mapping[str, Any],
    *,
    actor: str,
    idempotency_key: str | None,
    request_hash: str,
    role: str = "",
) -> dict[str, Any]:
    """Store a plan, once per idempotency key; return the stored plan.

    Args:
        connection: any connection.
        tenant_id: owning tenant.
        plan: as JSON.
        actor: name of the token, for the audit log.
        idempotency_key: the request's key; None without.
        request_hash: hash of the request.
        role: role of the token; an idempotency key is scoped to the role it came with.

    Raises:
        Conflict: the key was used with a different request.
    """
    row = {
        "id": plan["plan_id"], "tenant": tenant_id, "created_at": plan["created_at"],
        "key": idempotency_key, "hash": request_hash, "role": role, "document": json.dumps(dict(plan)),
    }  # fmt: skip
    with connection.transaction():
        if connection.execute(INSERT, row).fetchone():
            facts = {"name": plan["name"], "policy": plan["policy"], "steps": len(plan["steps"])}
            audit.append(connection, tenant_id, actor, "migration.planned", plan["plan_id"], facts)
            return dict(plan)
    known = by_idempotency_key(connection, tenant_id, role, str(idempotency_key), request_hash)
    if known is None:
        raise LookupError(f"plan {plan['plan_id']} was neither kept nor known")
    return known


def by_idempotency_key(
    connection: Connection, tenant_id: int, role: str, key: str, request_hash: str
) -> dict[str, Any] | None:
    """Return the plan created by an earlier request with this key and role; None if there was none.

    Raises:
        Conflict: the key was used with a different request.
    """
    known = connection.execute(KNOWN, (tenant_id, key, role)).fetchone()
    if known is None:
        return None
    if known[1] != request_hash:
        raise Conflict(f"this Idempotency-Key came with another body, as plan {known[0]}")
    return find(connection, tenant_id, known[0])


def find(connection: Connection, tenant_id: int, plan_id: str) -> dict[str, Any] | None:
    """Return a plan with its current status; None if the tenant has none of that id."""
    row = connection.execute(FIND, {"tenant": tenant_id, "plan": plan_id}).fetchone()
    return None if row is None else {**row[0], "status": row[1]}


def unfinished(connection: Connection, tenant_id: int, policy: str, component: str) -> dict[str, Any] | None:
    """Return the newest unfinished plan of a policy that begins with this component."""
    given = {"tenant": tenant_id, "policy": policy, "component": component}
    row = connection.execute(UNFINISHED, given).fetchone()
    return None if row is None else dict(row[0])


def listing(
    connection: Connection, tenant_id: int, *, limit: int, after: str | None = None
) -> list[dict[str, Any]]:
    """List the tenant's plans without their steps, newest first."""
    given = {"tenant": tenant_id, "limit": limit, "after": after}
    rows = connection.execute(LISTING_AFTER if after else LISTING, given)
    return [
        {
            "plan_id": plan_id, "name": name, "created_at": created_at.isoformat(), "status": status,
            "policy": policy, "timeline": timeline, "n_steps": n_steps,
        }
        for plan_id, name, created_at, status, policy, timeline, n_steps in rows
    ]  # fmt: skip
