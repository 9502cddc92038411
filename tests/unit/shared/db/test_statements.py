"""Named statements: found by name, parts filled in, comments left out, and no long SQL beside them."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from shared.db import statements
from shared.db.statements import names, statement

ROOT = Path(__file__).resolve().parents[4]
PACKAGES = ("novacron", "shared", "scheduler", "workers")
LONGEST = 10
CALLS = ("statement", "page")
VERBS = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH ", "COPY ", "TRUNCATE ", "CREATE TABLE")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Another folder of statements."""
    monkeypatch.setattr(statements, "FOLDER", tmp_path)
    statements._file.cache_clear()
    statement.cache_clear()
    yield tmp_path
    statements._file.cache_clear()
    statement.cache_clear()


def test_a_statement_has_its_parts_and_no_comments(folder):
    (folder / "one.sql").write_text(
        "-- About the file.\n\n-- part: columns\na, b\n\n"
        "-- statement: all\n-- Why.\nSELECT {columns}, {other.more}\n  -- Why so.\n"
        "FROM t WHERE x #> '{a,b}' = '{}' AND y = '{\"z\": 1}'\n\n-- statement: none\nSELECT\n"
    )
    (folder / "other.sql").write_text("-- part: more\n{last} + 1\n\n-- part: last\nc\n")
    assert statement("one.all") == (
        "SELECT a, b, c + 1\nFROM t WHERE x #> '{a,b}' = '{}' AND y = '{\"z\": 1}'"
    )
    assert statement("one.none") == "SELECT"
    assert names() == ["one.all", "one.none"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("claims.clam", r"shared/db/sql/claims\.sql has no statement 'clam'; it has: claim, fail, release"),
        ("claims.columns", "has no statement 'columns'"),
        ("clams.claim", r"there is no shared/db/sql/clams\.sql; there are: .*claims, completion"),
        ("claims", "has no statement ''"),
    ],
)
def test_an_unknown_name_says_what_there_is(name, told):
    with pytest.raises(LookupError, match=told):
        statement(name)


def test_a_statement_has_the_conditions_of_its_caller(folder):
    (folder / "one.sql").write_text(
        "-- statement: all\nSELECT 1 WHERE x {conditions}\n\n-- part: late\nAND y\n\n-- part: small\nAND z\n"
    )
    assert statement("one.all") == "SELECT 1 WHERE x "
    assert statement("one.all", "small", "late") == "SELECT 1 WHERE x AND z AND y"
    with pytest.raises(LookupError, match=r"one\.sql has no part 'big'; it has: late, small"):
        statement("one.all", "big")


def test_a_part_that_is_not_there_is_told(folder):
    (folder / "one.sql").write_text("-- statement: all\nSELECT {columns}\n\n-- part: rows\nx\n")
    with pytest.raises(LookupError, match=r"one\.sql has no part 'columns'; it has: rows"):
        statement("one.all")


def test_two_of_one_name_are_refused(folder):
    (folder / "one.sql").write_text("-- statement: all\nSELECT 1\n\n-- statement: all\nSELECT 2\n")
    with pytest.raises(LookupError, match="has two statements 'all'"):
        statement("one.all")


def test_every_statement_is_used():
    """By name: an argument of `statement`, of a filter's `statement`, or of `page`, which calls it."""
    used = {
        argument.value
        for path in (ROOT / "shared" / "db").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and "." in str(argument.value)
    }
    assert used == set(names())


def test_every_common_table_expression_says_why():
    """A comment stands above each, where it begins a line of its own."""
    silent = []
    for path in sorted(statements.FOLDER.glob("*.sql")):
        lines = path.read_text().splitlines()
        for above, line in pairwise(lines):
            begins = line.split(" AS (")[0].split(" AS MATERIALIZED (")[0]
            if line.endswith("AS (") and begins.isidentifier() and not above.startswith("--"):
                silent.append(f"{path.name}: {begins}")
    assert not silent


def sql_in(path: Path) -> list[tuple[int, str]]:
    """SQL among the strings of a Python file, with the line it begins at; parts filled in are one line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Constant(str(text)):
                pass
            case ast.JoinedStr(parts):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            case _:
                continue
        if text.lstrip().startswith(VERBS):
            found.append((node.lineno, text))
    return found


def test_no_long_statement_is_left_in_python():
    """More than ten lines, or a WITH: such a statement is read by itself, and each of its parts says why."""
    texts = {
        f"{path.relative_to(ROOT)}:{line}": text
        for path in (ROOT / "shared" / "db").rglob("*.py")
        for line, text in sql_in(path)
    }
    assert len(texts) > 50
    long = {at for at, text in texts.items() if len(text.strip().splitlines()) > LONGEST}
    assert not long | {at for at, text in texts.items() if text.lstrip().startswith("WITH ")}


def test_no_statement_is_written_elsewhere():
    elsewhere = [
        f"{path.relative_to(ROOT)}:{line}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if ROOT / "shared" / "db" not in path.parents
        for line, _ in sql_in(path)
    ]
    assert not elsewhere
