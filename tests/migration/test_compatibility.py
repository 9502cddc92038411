"""Which code a schema serves: what migrations state, what the database says, and who starts on it."""

import ast
from pathlib import Path

import psycopg
import pytest

from novacron.errors import BadInput, Unavailable, Unreachable
from shared.db import compatibility, migrate
from shared.db.compatibility import Schema
from testing import command_line
from tests.conftest import ROOT
from tests.releases import Release
from tests.servers import KEPT

SINCE = "0015"
PROGRAMS = {
    "scheduler": ("scheduler.__main__",),
    "worker": ("workers.__main__", "--queue", "cpu-sim", "--concurrency", "1"),
    "migrate": ("shared.db.migrate",),
    "wait": ("shared.db.migrate", "--wait", "0"),
}


def stated() -> dict[str, str | None]:
    """What each migration states, as it stands in its file."""
    found: dict[str, str | None] = {}
    for path in sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py")):
        constants = {
            target.id: ast.literal_eval(node.value)
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }  # fmt: skip
        found[constants["revision"]] = constants.get("serves")
    return found


def test_every_migration_states_which_code_it_leaves_served() -> None:
    """The code before it, at least: it goes on while it is replaced. Nothing that was dropped comes back."""
    said = {revision: serves for revision, serves in stated().items() if revision >= SINCE}
    assert said
    least = "0000"
    for revision, serves in said.items():
        assert serves is not None, f"{revision} does not state `serves`"
        assert serves in stated() and least <= serves < revision, f"{revision} states serves = {serves!r}"
        least = serves


def said(url: str) -> Schema:
    with psycopg.connect(url, autocommit=True) as connection:
        return compatibility.read(connection)


def start(program: str, url: str, **settings: str) -> tuple[int, str]:
    """Exit status of a program of this code, and all that it says."""
    environment = KEPT | {"NOVACRON_DATABASE_URL": url, "NOVACRON_PORT": "1"} | settings
    done = command_line.run_program(*PROGRAMS[program], environment=environment, cwd=ROOT)
    return done.returncode, done.stdout + done.stderr


def test_the_schema_says_what_its_newest_migration_states_up_and_down(empty: str, tmp_path: Path) -> None:
    known = compatibility.newest()
    release = Release(tmp_path)
    expanded = release.add("CREATE TABLE more ()", "DROP TABLE more", serves=known)
    contracted = release.add("DROP TABLE more", "CREATE TABLE more ()", serves=expanded)
    assert said(empty) == Schema(None)
    migrate.run(empty, "0014")
    assert said(empty) == Schema("0014")
    release.migrate(empty)
    assert said(empty) == Schema(contracted, expanded)
    release.downgrade(empty, expanded)
    assert said(empty) == Schema(expanded, known)
    release.downgrade(empty, known)
    assert said(empty) == Schema(known, stated()[known])


def test_code_of_before_starts_on_what_was_expanded_and_not_on_what_was_contracted(
    empty: str, tmp_path: Path
) -> None:
    known = compatibility.newest()
    release = Release(tmp_path)
    release.add("CREATE TABLE more ()", "DROP TABLE more", serves=known)
    release.migrate(empty)
    assert start("wait", empty) == (0, "")
    status, line = start("migrate", empty)
    assert status == 0 and f"the database has schema {release.newest}, which is newer and" in line
    compatibility.require(empty)

    release.add("DROP TABLE more", "CREATE TABLE more ()", serves=release.newest)
    release.migrate(empty)
    for program in PROGRAMS:
        status, line = start(program, empty)
        assert status == 2, (program, line)
        assert f"the database has schema {release.newest}, newer than the {known} of this version" in line
        assert "start a newer version, or take the schema back" in line
        assert len(line.splitlines()) == 1, (program, line)
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT count(*) FROM tokens").fetchone() == (0,)


@pytest.mark.parametrize("before", [None, "0013", "0014"])
def test_code_does_not_start_on_an_older_schema(empty: str, before: str | None) -> None:
    if before:
        migrate.run(empty, before)
    needed = f"the database has schema {before or 'none'}, this version of NovaCron needs"
    with pytest.raises(Unavailable, match=needed):
        compatibility.require(empty)
    for program in ("scheduler", "worker") if before == "0014" else ():
        status, line = start(program, empty)
        assert (status, len(line.splitlines())) == (3, 1)
        assert needed in line and "run `python -m shared.db.migrate` of this version first" in line


def test_a_schema_that_says_nothing_serves_its_own_code_alone(empty: str) -> None:
    migrate.upgrade(empty)
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("DELETE FROM compatibility")
    with pytest.raises(BadInput, match=r"has schema 9999, newer than .* and serves none but its own"):
        compatibility.require(empty)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_start_without_a_database_ends_with_one_line(program: str) -> None:
    status, line = start(program, "postgresql://novacron:hidden@127.0.0.1:1/novacron")
    assert (status, len(line.splitlines())) == (3, 1), line
    assert "refused" in line and "hidden" not in line
    with pytest.raises(Unreachable, match="correct NOVACRON_DATABASE_URL"):
        compatibility.require("postgresql://novacron@127.0.0.1:1/novacron")


def test_an_address_that_no_database_takes_is_refused(empty: str) -> None:
    with pytest.raises(
        BadInput, match=r"NOVACRON_DATABASE_URL: names a database that cannot be used: .*nonsense"
    ):
        compatibility.require(f"{empty}&nonsense=1")


def test_a_table_that_is_not_free_leaves_all_as_it_was(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty)
    release = Release(tmp_path)
    release.add("CREATE TABLE more ()", "DROP TABLE more", serves=compatibility.newest())
    release.add(
        "ALTER TABLE tasks ADD more int", "ALTER TABLE tasks DROP more", serves=compatibility.newest()
    )
    before = said(empty)
    monkeypatch.setattr(migrate, "PATIENCE", "50ms")
    with psycopg.connect(empty) as backup:
        backup.execute("LOCK TABLE tasks IN ACCESS SHARE MODE")
        with pytest.raises(
            Unavailable, match="nothing was changed: the lock on a table was not acquired within 50ms"
        ):
            release.migrate(empty)
    assert said(empty) == before
    release.migrate(empty)
    assert said(empty).revision == release.newest
