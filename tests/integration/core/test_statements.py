"""Every statement there is, prepared against the real schema: PostgreSQL judges names, types and syntax."""

import ast
import importlib
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shared.db import invariants, reading, session, statements

ROOT = Path(__file__).resolve().parents[3]
PLACE = re.compile(r"%\((\w+)\)s|%s|%%")
PREPARABLE = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES")


def numbered(text: str) -> str:
    """A statement with psycopg's placeholders as PostgreSQL's."""
    known: dict[str, int] = {}

    def place(at: re.Match[str]) -> str:
        if at[0] == "%%":
            return "%"
        return f"${known.setdefault(at[1] or str(len(known)), len(known) + 1)}"

    return PLACE.sub(place, text)


def executed() -> Iterator[tuple[str, str]]:
    """What the modules of the database execute: their constants, and each first argument of `execute`."""
    for path in sorted((ROOT / "shared" / "db").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for constant, value in vars(importlib.import_module(name)).items():
            if isinstance(value, str) and value.lstrip().startswith(PREPARABLE):
                yield f"{name}:{constant}", value
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Attribute(attr="execute" | "executemany"), [first, *_]):
                    for choice in [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]:
                        yield from _text(name, choice)


def _text(module: str, argument: ast.expr) -> Iterator[tuple[str, str]]:
    code = ast.unparse(argument)
    try:
        value = eval(code, vars(importlib.import_module(module)))
    except NameError:  # a variable of the function, which is given one of the constants
        return
    if isinstance(value, str):
        yield f"{module}:{argument.lineno} {code[:40]}", value


EXECUTED = dict(executed())
NAMED = {name: statements.statement(name) for name in statements.names()}
EVERY = reading.Filter(
    ["failed"],
    ["hybrid_vqe"],
    ["a"],
    "h*",
    "late",
    "sweep_1",
    datetime(2026, 1, 1),
    datetime(2027, 1, 1),
    "session_1",
)
FILTERED = {
    f"{name} {kind}": wanted.statement(f"reading.{name}", *further)
    for name, further in {"listing": ["after"], "rows": ["after"], "counts": []}.items()
    for kind, wanted in {"alone": reading.Filter(), "every condition": EVERY}.items()
}
INVARIANTS = dict(invariants.INVARIANTS)


@pytest.fixture(scope="module")
def connection(database_url: str) -> Iterator[session.Connection]:
    """To a database with the real schema."""
    with session.connect(database_url, name="tests") as opened:
        yield opened


EVERY_STATEMENT = EXECUTED | NAMED | FILTERED | INVARIANTS


@pytest.mark.parametrize("statement", EVERY_STATEMENT.values(), ids=EVERY_STATEMENT)
def test_it_can_be_prepared(connection: session.Connection, statement: str):
    text = numbered(statement).strip()
    if text.startswith(PREPARABLE):
        prepared = connection.pgconn.prepare(b"", text.encode())
        assert not prepared.error_message, f"{prepared.get_error_message()}\n{text}"
    else:
        assert text.startswith(("COPY ", "CREATE TEMPORARY TABLE "))


def test_there_are_statements():
    assert len(EXECUTED) > 100 and len(NAMED) > 15


def test_what_is_wrong_is_found(connection: session.Connection):
    prepared = connection.pgconn.prepare(b"", b"SELECT nothing FROM jobs WHERE id = $1")
    assert "nothing" in prepared.get_error_message()
