"""Bearer tokens."""

from typing import Any

import psycopg
import pytest

from novacron.errors import TokenExpired, TokenRevoked
from novacron.roles import ROLES
from shared.db import tokens
from shared.db.tokens import Bearer, Held
from tests.integration.core.world import World


def make(world: World, **fields: Any) -> str:
    return tokens.create(world.connection, **({"name": "ci", "role": "submit", "tenant": "lab"} | fields))


def held(world: World, token: str) -> Held:
    found = tokens.held(world.connection, token)
    assert found is not None
    return found


def who(world: World, token: str) -> Bearer:
    return held(world, token).bearer


def test_a_token_is_known_by_its_hash_only(world: World) -> None:
    token = make(world, token_id="tok_1")
    assert token.startswith("nova_") and len(token) > 40
    assert who(world, token) == Bearer(world.tenant("lab"), "lab", "ci", "submit", "tok_1")
    assert token not in str(world.everything()) and token.encode().hex() not in str(world.everything())
    for wrong in ("", token[:-1], token + "x", token.upper()):
        assert tokens.held(world.connection, wrong) is None


def test_tokens_differ(world: World) -> None:
    made = {make(world) for _ in range(20)}
    assert len(made) == len({who(world, token).token_id for token in made}) == 20


def test_an_expired_token_is_told_from_an_unknown_one(world: World) -> None:
    brief, long = make(world, expires_s=0.0), make(world, expires_s=60.0)
    with pytest.raises(TokenExpired, match="'ci' expired on 2"):
        tokens.held(world.connection, brief)
    assert 0 < held(world, long).left_s <= 60
    world.connection.execute("UPDATE tokens SET expires_at = expires_at - interval '61 seconds'")
    with pytest.raises(TokenExpired):
        tokens.held(world.connection, long)
    assert held(world, make(world)).left_s == float("inf")


def test_a_revoked_token_is_told_from_both(world: World) -> None:
    token = make(world, token_id="tok_1", expires_s=0.0)
    assert tokens.revoke(world.connection, "tok_1", by="chief")
    with pytest.raises(TokenRevoked, match="'ci' was revoked on 2"):
        tokens.held(world.connection, token)
    assert not tokens.revoke(world.connection, "tok_1", by="other")
    stored = tokens.find(world.connection, "tok_1")
    assert stored is not None and stored.document()["status"] == "revoked" and stored.revoked_by == "chief"
    assert not tokens.shorten(world.connection, "tok_1", 60.0)


def test_a_tokens_time_is_shortened_and_never_made_longer(world: World) -> None:
    for given, asked, most in ((None, 60.0, 60.0), (30.0, 60.0, 30.0), (90.0, 60.0, 60.0)):
        token = make(world, expires_s=given)
        assert tokens.shorten(world.connection, who(world, token).token_id, asked)
        assert most - 5 < held(world, token).left_s <= most


def test_when_a_token_was_used_is_written_once_a_minute(world: World) -> None:
    token = make(world, token_id="tok_1")
    assert held(world, token).unnoted
    tokens.used(world.connection, "tok_1")
    assert not held(world, token).unnoted
    world.connection.execute("UPDATE tokens SET last_used_at = last_used_at - interval '61 seconds'")
    assert held(world, token).unnoted


def test_a_role_includes_the_lesser_ones(world: World) -> None:
    for rank, role in enumerate(ROLES):
        found = who(world, make(world, role=role))
        assert [found.may(other) for other in ROLES] == [other <= rank for other in range(len(ROLES))]


def test_an_unknown_role_is_refused(world: World) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="token_role_known"):
        make(world, role="root")


def test_tokens_of_a_tenant_share_it(world: World) -> None:
    assert len({who(world, make(world, name=name)).tenant_id for name in ("a", "b")}) == 1


def test_registering_a_given_token_again_changes_nothing(world: World) -> None:
    make(world, name="first", role="admin", token="nova_given")
    before = world.rows("SELECT t::text FROM tokens t")
    make(world, name="other", role="read", tenant="elsewhere", token="nova_given")
    assert world.rows("SELECT t::text FROM tokens t") == before
    assert who(world, "nova_given").role == "admin"


def test_the_first_token_of_a_former_version_becomes_the_operators(world: World) -> None:
    make(world, name="first", role="admin", token="nova_given")
    make(world, name="first", role="operator", token="nova_given")
    assert (who(world, "nova_given").role, who(world, "nova_given").tenant) == ("operator", "lab")
    assert tokens.revoke(world.connection, who(world, "nova_given").token_id, by="x")
    make(world, name="first", role="operator", token="nova_given")
    with pytest.raises(TokenRevoked):
        tokens.held(world.connection, "nova_given")


def test_many_make_the_first_token_of_a_tenant_at_once(world: World) -> None:
    made = world.at_once(
        *[lambda connection: tokens.create(connection, name="n", role="read", tenant="new")] * 6
    )
    assert len({who(world, token).tenant_id for token in made}) == 1


def test_a_listing_is_one_tenants_newest_first_in_pages(world: World) -> None:
    for number in range(5):
        make(world, name=f"t{number}", token_id=f"tok_{number}")
    make(world, name="other", tenant="elsewhere", token_id="tok_other")
    first = tokens.listing(world.connection, "lab", limit=3)
    rest = tokens.listing(world.connection, "lab", limit=3, after=first[-1].token_id)
    assert [one.name for one in (*first, *rest)] == ["t4", "t3", "t2", "t1", "t0"]
    assert tokens.listing(world.connection, "lab", limit=3, after="tok_other") == []
    assert first[0].document() == {
        "token_id": "tok_4", "name": "t4", "role": "submit", "tenant": "lab", "status": "active",
        "created_by": "", "revoked_by": None, "created_at": first[0].created_at.isoformat(),
        "expires_at": None, "last_used_at": None, "revoked_at": None,
    }  # fmt: skip
