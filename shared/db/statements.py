"""Named SQL statements: read once, at import, from `shared/db/sql`, one file per noun.

A file holds statements, begun by a line `-- statement: name`, and parts shared by several statements, begun
by `-- part: name`. `{name}` in either stands for a part of the same file, `{file.name}` for one of another,
and `{conditions}` for the parts that the caller of `statement` names.
Comments are removed before a statement is sent to the database.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("sql")
HEAD = re.compile(r"^-- (statement|part): (\w+)$", re.MULTILINE)
PART = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")
CONDITIONS = "conditions"
COMMENT = re.compile(r"^\s*--.*\n", re.MULTILINE)


@cache
def statement(name: str, *conditions: str) -> str:
    """Return a statement by `file.name`, with its parts substituted.

    Args:
        name: its name.
        conditions: names of parts of its file, which `{conditions}` stands for.

    Raises:
        LookupError: there is no such statement, or it refers to a missing part.
    """
    file = name.partition(".")[0]
    wanted = " ".join(_text(f"{file}.{one}", "part") for one in conditions)
    return _text(name, "statement", wanted)


def names() -> list[str]:
    """Return the names of all statements, as `file.name`."""
    files = sorted(path.stem for path in FOLDER.glob("*.sql"))
    return [f"{file}.{name}" for file in files for kind, name in _file(file) if kind == "statement"]


def _text(full: str, kind: str, conditions: str = "") -> str:
    file, _, name = full.partition(".")
    found = _file(file)
    if (kind, name) not in found:
        known = ", ".join(sorted(one for it, one in found if it == kind)) or "none"
        raise LookupError(f"shared/db/sql/{file}.sql has no {kind} {name!r}; it has: {known}")

    def part(at: re.Match[str]) -> str:
        if at[1] == CONDITIONS:
            return conditions
        return _text(at[1] if "." in at[1] else f"{file}.{at[1]}", "part")

    return PART.sub(part, found[kind, name])


@cache
def _file(file: str) -> dict[tuple[str, str], str]:
    """Parse a file into its statements and parts, by kind and name, without comments."""
    try:
        text = (FOLDER / f"{file}.sql").read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in FOLDER.glob("*.sql")))
        raise LookupError(f"there is no shared/db/sql/{file}.sql; there are: {known}") from None
    _, *parts = HEAD.split(text)
    found: dict[tuple[str, str], str] = {}
    for kind, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if (kind, name) in found:
            raise LookupError(f"shared/db/sql/{file}.sql has two {kind}s {name!r}")
        found[kind, name] = COMMENT.sub("", body).strip()
    return found
