"""The models say all there is of the schema: a database made of them is the one that the migrations make.

Alembic's own comparison knows nothing of check constraints, conditions of indexes, identities, storage, types
and triggers; what PostgreSQL says of both databases is compared instead.
"""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import create_engine

from shared.db import migrate
from shared.db.schema import Base
from shared.db.session import driver_url

ASPECTS = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
               pg_get_expr(d.adbin, d.adrelid), a.attstorage::text, a.attcompression::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
          AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype::text, pg_get_constraintdef(oid), convalidated
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT indrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace""",
    "storage": """
        SELECT relname, relkind::text, relpersistence::text, reloptions FROM pg_class
        WHERE relkind IN ('r', 'v', 'm', 'p') AND relnamespace = 'public'::regnamespace""",
    "sequences": """
        SELECT s.seqrelid::regclass::text, s.seqtypid::regtype::text, s.seqstart, s.seqincrement, s.seqmax,
               s.seqmin, s.seqcache, s.seqcycle
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        WHERE c.relnamespace = 'public'::regnamespace""",
    "types": """
        SELECT t.typname, e.enumlabel, rank() OVER (PARTITION BY t.oid ORDER BY e.enumsortorder)
        FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid WHERE t.typnamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": r"""
        SELECT proname, regexp_replace(pg_get_functiondef(oid), '\s+', ' ', 'g')
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
}  # fmt: skip
"""What there is in a database, as rows that do not depend on the order in which it was made."""


def seen(url: str, query: str) -> set[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(query.encode()).fetchall()
    return {tuple(map(str, row)) for row in rows if "alembic_version" not in str(row)}


@pytest.fixture
def modelled(postgres_server) -> Iterator[str]:
    """A database made of the models."""
    postgres_server.ensure()
    with psycopg.connect(postgres_server.server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE modelled")
    url = postgres_server.address("modelled")
    engine = create_engine(driver_url(url))
    Base.metadata.create_all(engine)
    engine.dispose()
    yield url
    postgres_server.drop(url)


def test_the_models_make_the_database_that_the_migrations_make(empty: str, modelled: str) -> None:
    migrate.run(empty, "head")
    differences = {
        aspect: {"migrations": there - here, "models": here - there}
        for aspect, query in ASPECTS.items()
        if (there := seen(empty, query)) != (here := seen(modelled, query))
    }
    assert differences == {}
    assert all(seen(empty, query) for query in ASPECTS.values())


@pytest.mark.parametrize(
    ("change", "aspect"),
    [
        ("ALTER TABLE jobs DROP CONSTRAINT job_failed_has_cause", "constraints"),
        ("ALTER TABLE tasks ALTER cost_s DROP NOT NULL", "columns"),
        ("ALTER TABLE tasks ALTER priority SET DEFAULT 1", "columns"),
        ("ALTER TABLE tasks ALTER priority TYPE int", "columns"),
        (
            "DROP INDEX jobs_joined; CREATE INDEX jobs_joined ON jobs (joined) WHERE joined IS NOT NULL",
            "indexes",
        ),
        ("ALTER TABLE tasks SET (fillfactor = 70)", "storage"),
        ("DROP TRIGGER audit_log_is_append_only ON audit_log", "triggers"),
        ("ALTER TYPE job_state ADD VALUE 'lost'", "types"),
    ],
)
def test_a_difference_would_be_seen(modelled: str, change: str, aspect: str) -> None:
    before = seen(modelled, ASPECTS[aspect])
    with psycopg.connect(modelled, autocommit=True) as connection:
        connection.execute(change.encode())
    assert seen(modelled, ASPECTS[aspect]) != before
