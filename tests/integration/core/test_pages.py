"""Listings in pages: each row once and in order, and the last page costs what the first does."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.db import events, reading, tenants, tokens
from shared.db.crypto import certificates, keys, plans
from shared.db.reading import Filter
from tests.integration.core.world import World

N = 1200
PAGE = 100

FILL = {
    "jobs": """
        INSERT INTO jobs (id, tenant_id, kind, name, spec, state, finished_at, error, created_at)
        SELECT 'job' || lpad(i::text, 6, '0'), %(tenant)s, 'pure_classical', 'n', '{}', 'failed', now(),
               '{"message": "m"}', now() + i * interval '1 ms' FROM generate_series(1, %(n)s) i""",
    "tasks": """
        INSERT INTO tasks (job_id, tenant_id, name, operation, queue, payload, state, cost_s)
        SELECT 'job000001', %(tenant)s, 'n', 'noop', 'cpu-sim', '{}', 'cancelled', 0
        FROM generate_series(1, %(n)s)""",
    "events": """
        INSERT INTO events (job_id, type, body)
        SELECT 'job000001', 'note', '{}' FROM generate_series(1, %(n)s)""",
    "keys": """
        INSERT INTO keys (id, tenant_id, usage, created_by)
        SELECT 'key' || lpad(i::text, 6, '0'), %(tenant)s, 'sign', 'me' FROM generate_series(1, %(n)s) i""",
    "versions": """
        INSERT INTO key_versions (
          key_id, version, algorithm, public_key, kek_id, wrapped_dek, sealed, origin, created_by
        )
        SELECT id, 1, 'ML-DSA-65', 'p', 'kek', 'w', 's', 'generated', 'me' FROM keys""",
    "certificates": """
        INSERT INTO certificates (id, tenant_id, algorithm, serial, ca, not_after, der, created_by)
        SELECT 'cert' || lpad(i::text, 6, '0'), %(tenant)s, 'ML-DSA-65', i::text, false, now(), 'd', 'me'
        FROM generate_series(1, %(n)s) i""",
    "plans": """
        INSERT INTO migration_plans (id, tenant_id, created_at, request_hash, document)
        SELECT 'plan' || lpad(i::text, 6, '0'), %(tenant)s, now() + i * interval '1 ms', 'h', '{"steps": []}'
        FROM generate_series(1, %(n)s) i""",
    "tokens": """
        INSERT INTO tokens (hash, tenant_id, name, role, token_id, created_at)
        SELECT sha256(i::text::bytea), %(tenant)s, 'n', 'read', 'tok' || lpad(i::text, 6, '0'),
               now() + i * interval '1 ms'
        FROM generate_series(1, %(n)s) i""",
    "tenants": """
        INSERT INTO tenants (name)
        SELECT 'tenant' || lpad(i::text, 6, '0') FROM generate_series(1, %(n)s) i""",
}  # fmt: skip

SOME = Filter(states=["failed"], kinds=["pure_classical"])

Page = Callable[[World, int, Any], list[Any]]
"""The rows of a tenant after a key, None before the first."""

LISTINGS: dict[str, tuple[Page, Callable[[Any], Any]]] = {
    "jobs": (
        lambda world, tenant, after: reading.listing(
            world.connection, tenant, Filter(), limit=PAGE, after=after
        ),
        lambda row: row["job_id"],
    ),
    "some jobs": (
        lambda world, tenant, after: reading.listing(
            world.connection, tenant, SOME, limit=PAGE, after=after
        ),
        lambda row: row["job_id"],
    ),
    "tasks": (
        lambda world, tenant, after: reading.tasks(
            world.connection, "job000001", limit=PAGE, after=after or 0
        ),
        lambda row: row["task_id"],
    ),
    "events": (
        lambda world, tenant, after: events.read(
            world.connection, "job000001", limit=PAGE, after=after or 0
        ).events,
        lambda row: row[0],
    ),
    "keys": (
        lambda world, tenant, after: keys.listing(world.connection, tenant, limit=PAGE, after=after),
        lambda row: row.key_id,
    ),
    "certificates": (
        lambda world, tenant, after: certificates.listing(world.connection, tenant, limit=PAGE, after=after),
        lambda row: row.certificate_id,
    ),
    "plans": (
        lambda world, tenant, after: plans.listing(world.connection, tenant, limit=PAGE, after=after),
        lambda row: row["plan_id"],
    ),
    "tokens": (
        lambda world, tenant, after: tokens.listing(world.connection, "many", limit=PAGE, after=after),
        lambda row: row.token_id,
    ),
    "tenants": (
        lambda world, tenant, after: tenants.listing(world.connection, limit=PAGE, after=after),
        lambda row: row["tenant"],
    ),
}  # fmt: skip


@pytest.fixture
def crowded(world: World) -> tuple[World, int]:
    """A tenant with many of everything."""
    tenant = world.tenant("many")
    world.connection.execute("TRUNCATE keks, keys, certificates, migration_plans CASCADE")
    world.connection.execute("INSERT INTO keks (id) VALUES ('kek')")
    for fill in FILL.values():
        world.connection.execute(fill.encode(), {"tenant": tenant, "n": N})
    world.connection.execute("VACUUM ANALYZE")
    return world, tenant


def rows_read(world: World) -> int:
    """Rows that were read of all tables of this database so far, whether they were answered or not."""
    world.connection.execute("SELECT pg_stat_force_next_flush()")
    return int(world.value("SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_user_tables"))


def test_every_listing_costs_the_same_on_its_last_page(crowded: tuple[World, int]) -> None:
    """Counted in rows read, on plans that do not know the arguments, as the server has them."""
    world, tenant = crowded
    for name, (page, key) in LISTINGS.items():
        page(world, tenant, None)  # numbers the first events, plans the statement
        found: list[Any] = []
        costs: list[int] = []
        while True:
            before = rows_read(world)
            rows = page(world, tenant, found[-1] if found else None)
            costs.append(rows_read(world) - before)
            found += map(key, rows)
            if len(rows) < PAGE:
                break
        assert len(found) == len(set(found)) >= N, name
        assert found in (sorted(found), sorted(found, reverse=True)), name
        print(name, costs)
        assert PAGE <= costs[-2] <= costs[1] + 5, (name, costs)
