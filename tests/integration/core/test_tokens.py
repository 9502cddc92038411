"""Bearer tokens."""

import psycopg
import pytest

from shared.db import tokens
from shared.db.tokens import ROLES, Bearer
from tests.integration.core.world import World


def make(world: World, **fields) -> str:
    return tokens.create(world.connection, **({"name": "ci", "role": "submit", "tenant": "lab"} | fields))


def test_a_token_is_known_by_its_hash_only(world: World) -> None:
    token = make(world)
    assert token.startswith("nova_") and len(token) > 40
    who = tokens.bearer(world.connection, token)
    assert who == Bearer(world.tenant("lab"), "lab", "ci", "submit")
    assert token not in str(world.everything()) and token.encode().hex() not in str(world.everything())
    for wrong in ("", token[:-1], token + "x", token.upper()):
        assert tokens.bearer(world.connection, wrong) is None


def test_tokens_differ(world: World) -> None:
    assert len({make(world) for _ in range(20)}) == 20


def test_an_expired_token_is_unknown(world: World) -> None:
    brief, long = make(world, expires_s=0.0), make(world, expires_s=60.0)
    assert tokens.bearer(world.connection, brief) is None
    assert tokens.bearer(world.connection, long) is not None
    world.connection.execute("UPDATE tokens SET expires_at = expires_at - interval '61 seconds'")
    assert tokens.bearer(world.connection, long) is None


def test_a_role_includes_the_lesser_ones(world: World) -> None:
    for rank, role in enumerate(ROLES):
        who = tokens.bearer(world.connection, make(world, role=role))
        assert who is not None
        assert [who.may(other) for other in ROLES] == [other <= rank for other in range(len(ROLES))]


def test_an_unknown_role_is_refused(world: World) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="token_role_known"):
        make(world, role="root")


def test_tokens_of_a_tenant_share_it(world: World) -> None:
    tenants = set()
    for name in ("a", "b"):
        who = tokens.bearer(world.connection, make(world, name=name))
        assert who is not None
        tenants.add(who.tenant_id)
    assert len(tenants) == 1


def test_registering_a_given_token_again_changes_nothing(world: World) -> None:
    make(world, name="first", role="admin", token="nova_given")
    before = world.rows("SELECT t::text FROM tokens t")
    make(world, name="other", role="read", tenant="elsewhere", token="nova_given")
    assert world.rows("SELECT t::text FROM tokens t") == before
    who = tokens.bearer(world.connection, "nova_given")
    assert who is not None and who.role == "admin"


def test_many_make_the_first_token_of_a_tenant_at_once(world: World) -> None:
    made = world.at_once(
        *[lambda connection: tokens.create(connection, name="n", role="read", tenant="new")] * 6
    )
    found = {tokens.bearer(world.connection, token) for token in made}
    assert len(found) == 1 and None not in found
