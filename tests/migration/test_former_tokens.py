"""Tokens of a former version go on: the installation's own as its operator, others as what they were."""

from typing import Any

import psycopg
import pytest

from novacron.errors import TokenExpired
from shared.db import migrate, session, tokens
from shared.db.tokens import digest

BEFORE, ROLES_SINCE = "0008", "0009"
FORMER = (
    ("nc_first", "default", "first", "admin", None, "operator"),
    ("nc_second", "default", "first", "admin", None, "admin"),
    ("nc_acme", "acme", "first", "admin", None, "admin"),
    ("nc_ci", "acme", "ci", "submit", "1 day", "submit"),
    ("nc_look", "acme", "look", "read", None, "read"),
)
"""Token, tenant, name, role, time left; and the role afterwards."""


def test_each_keeps_what_was_its_own(empty: str) -> None:
    migrate.run(empty, BEFORE)
    with psycopg.connect(empty, autocommit=True) as connection:
        for token, tenant, name, role, left, _ in FORMER:
            _insert(connection, token, tenant, name, role, left)
        _insert(connection, "nc_old", "acme", "old", "submit", "-1 day")
        connection.execute(
            "INSERT INTO jobs (id, tenant_id, kind, name, spec, idempotency_key, request_hash)"
            " VALUES ('j', 1, 'pure_classical', 'n', '{}', 'key', 'h')"
        )
    migrate.run(empty, ROLES_SINCE)
    with session.connect(empty, name="tests") as connection:
        for token, tenant, name, _, _, role in FORMER:
            found = tokens.held(connection, token)
            assert found is not None
            assert (found.bearer.tenant, found.bearer.name, found.bearer.role) == (tenant, name, role)
        with pytest.raises(TokenExpired):
            tokens.held(connection, "nc_old")
        ids = [row[0] for row in connection.execute("SELECT token_id FROM tokens")]
        assert len(set(ids)) == len(FORMER) + 1 and all(len(one) == 30 for one in ids)
        assert tokens.revoke(connection, ids[-1], by="test")


def test_what_was_revoked_stays_shut_after_going_back(empty: str) -> None:
    migrate.run(empty, ROLES_SINCE)
    with session.connect(empty, name="tests") as connection:
        for name in ("gone", "kept"):
            tokens.create(
                connection, name=name, role="operator", tenant="t", token=name, token_id=f"tok_{name}"
            )
        tokens.revoke(connection, "tok_gone", by="test")
    migrate.run(empty, BEFORE, down=True)
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT name, role FROM tokens").fetchall() == [("kept", "admin")]


def _insert(
    connection: psycopg.Connection[Any], token: str, tenant: str, name: str, role: str, left: Any
) -> None:
    connection.execute("INSERT INTO tenants (name) VALUES (%s) ON CONFLICT DO NOTHING", (tenant,))
    connection.execute(
        "INSERT INTO tokens (hash, tenant_id, name, role, expires_at)"
        " SELECT %s, id, %s, %s, now() + %s::interval FROM tenants WHERE name = %s",
        (digest(token), name, role, left, tenant),
    )
