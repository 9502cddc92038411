"""Up, down and up again on a real database."""

import subprocess
import sys
from typing import Any

import psycopg
import pytest

from novacron.errors import Unavailable
from shared.db import compatibility, migrate
from shared.db.schema import Base
from shared.states import JobState, TaskState
from testing.patience import PATIENCE_S
from tests.conftest import ROOT

KINDS = """
SELECT c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname NOT LIKE 'alembic%' ORDER BY 1
"""
TYPES = "SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'"
SCHEMA = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%' ORDER BY 1, 2
"""


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def test_down_removes_everything_and_up_brings_the_same_back(empty: str) -> None:
    migrate.run(empty, "head")
    first = rows(empty, KINDS), rows(empty, SCHEMA), rows(empty, TYPES)
    assert {name for name, kind in first[0] if kind == "r"} == set(Base.metadata.tables)
    migrate.run(empty, "base", down=True)
    assert (rows(empty, KINDS), rows(empty, TYPES)) == ([], [])
    migrate.run(empty, "head")
    assert (rows(empty, KINDS), rows(empty, SCHEMA), rows(empty, TYPES)) == first


def test_every_revision_goes_up_and_down_by_itself(empty: str) -> None:
    revisions = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert revisions == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    for before, revision in zip(["base", *revisions], revisions, strict=False):
        migrate.run(empty, revision)
        migrate.run(empty, before, down=True)
        migrate.run(empty, revision)
    with psycopg.connect(empty) as connection:
        assert compatibility.read(connection).revision == compatibility.newest() == revisions[-1]


def test_the_database_knows_the_states(database_url: str) -> None:
    for name, states in (("job_state", JobState), ("task_state", TaskState)):
        labels = rows(database_url, f"SELECT unnest(enum_range(NULL::{name}))::text")
        assert [label for (label,) in labels] == [state.value for state in states]


def test_upgrading_twice_does_nothing_the_second_time(empty: str) -> None:
    assert migrate.upgrade(empty) is True
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("INSERT INTO tenants (name) VALUES ('kept')")
    assert migrate.upgrade(empty) is False
    assert rows(empty, "SELECT name FROM tenants") == [("kept",)]


def test_two_processes_may_upgrade_at_once(empty: str) -> None:
    code = "import sys; from shared.db.migrate import upgrade; print(upgrade(sys.argv[1]))"
    started = [
        subprocess.Popen([sys.executable, "-c", code, empty], cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [process.communicate(timeout=PATIENCE_S) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ended
    assert sorted(out.decode().strip() for out, _ in ended) == ["False", "False", "True"]
    with psycopg.connect(empty) as connection:
        assert compatibility.read(connection).revision == compatibility.newest()


def test_events_keep_their_numbers_when_they_get_ordinals(empty: str) -> None:
    """Those of before are in the order of transactions; readers that were cut off know it by numbers."""
    migrate.run(empty, "0007")
    with psycopg.connect(empty, autocommit=True) as one, psycopg.connect(empty) as other:
        tell = "INSERT INTO events (job_id, type, body) VALUES (%s, %s, %s)"
        other.execute(tell, ("a", "1", "{}"))
        one.execute(tell, ("a", "3", "{}"))
        other.execute(tell, ("a", "2", "{}"))
        other.execute(tell, ("b", "1", "{}"))
        other.commit()
    migrate.run(empty, compatibility.newest())
    assert rows(empty, "SELECT job_id, type, ordinal FROM events ORDER BY job_id, ordinal") == [
        ("a", "1", 1), ("a", "2", 2), ("a", "3", 3), ("b", "1", 1),
    ]  # fmt: skip


def test_others_wait_until_the_schema_is_there(empty: str) -> None:
    with pytest.raises(
        Unavailable, match="no compatible schema after 0 s: the database has schema none instead of"
    ):
        migrate.wait(empty, 0)
    with pytest.raises(Unavailable, match=r"no compatible schema after 0 s: .*does not exist"):
        migrate.wait(f"{empty}&dbname=nowhere", 0)
    migrate.upgrade(empty)
    migrate.wait(empty, 0)
