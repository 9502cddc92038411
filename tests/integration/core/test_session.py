"""Connections: what PostgreSQL is asked to do to those that fall silent, and what becomes of them here."""

import psycopg
import pytest

from shared.db import session
from shared.db.session import SILENCE
from testing.patience import eventually
from tests.integration.core.world import World

SHOWN = [name for name in SILENCE if not name.startswith("tcp_")]
"""Keepalives read 0 on a Unix socket."""


@pytest.fixture
def engine(world: World):
    made = session.create(world.url, pool_size=2)
    yield made
    made.dispose()


def shown(connection: session.Connection) -> dict[str, str]:
    rows = connection.execute(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", (SHOWN,)
    )
    return dict(rows.fetchall())


@pytest.mark.parametrize("durable", [True, False])
def test_every_session_asks_to_be_ended_when_it_falls_silent(world: World, engine, durable: bool) -> None:
    asked = {name: SILENCE[name] for name in SHOWN}
    with session.connect(world.url, name="tests", durable=durable) as connection:
        assert shown(connection) == asked
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on" if durable else "off",)
    with session.borrowed(engine) as connection:
        assert shown(connection) == asked


def test_a_session_that_was_ended_in_a_transaction_is_lost_and_replaced(world: World, engine) -> None:
    with pytest.raises(session.LOST), session.borrowed(engine) as connection:
        connection.execute("SET idle_in_transaction_session_timeout = '20ms'")
        with connection.transaction():
            connection.execute("SELECT 1")
            eventually(lambda: world.is_gone(connection))
            connection.execute("SELECT 1")
    with session.borrowed(engine) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_a_statement_gets_wrong_costs_no_connection(engine) -> None:
    with session.borrowed(engine) as connection:
        pid = connection.info.backend_pid
    with pytest.raises(psycopg.errors.DivisionByZero), session.borrowed(engine) as connection:
        connection.execute("SELECT 1 / 0")
    with session.borrowed(engine) as connection:
        assert connection.info.backend_pid == pid


def test_of_many_pooled_connections_the_one_used_last_is_used_next(engine) -> None:
    with session.borrowed(engine) as outer, session.borrowed(engine):
        last = outer.info.backend_pid
    for _ in range(3):
        with session.borrowed(engine) as connection:
            assert connection.info.backend_pid == last
