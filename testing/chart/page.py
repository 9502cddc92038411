"""The values table of the chart's README, generated from values.yaml and its comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from testing.chart.tools import CHART

README = CHART / "README.md"
BEGIN, END = "<!-- values -->\n", "<!-- end of values -->\n"
KEY = re.compile(r"( *)([A-Za-z]\w*):(?: (.*))?$")


@dataclass(frozen=True, slots=True)
class Value:
    """A key of values.yaml.

    Attributes:
        path: as `scheduler.service.type`.
        default: as written there, empty if nested keys have the defaults.
        meaning: the preceding comment.
    """

    path: str
    default: str
    meaning: str


def values() -> Iterator[Value]:
    """Yield all keys in order, nested keys of maps on one line together."""
    stack: list[tuple[int, str]] = []
    comment: list[str] = []
    lines = (CHART / "values.yaml").read_text().splitlines()
    for line in lines:
        if line.strip().startswith("- "):
            stack.append((len(line) - len(line.lstrip()), "-"))
        if line.strip().startswith("#"):
            comment.append(line.strip(" #"))
        elif found := KEY.match(line):
            indent, name, default = len(found[1]), found[2], found[3] or ""
            stack = [one for one in stack if one[0] < indent] + [(indent, name)]
            if "-" not in (path := [name for _, name in stack]):
                yield Value(".".join(path), default, " ".join(comment))
            comment = []
        else:
            comment = []


def table() -> str:
    """Return the table in Markdown; entries with neither default nor meaning only group others."""
    rows = [_row(one) for one in values() if one.default or one.meaning]
    return "\n".join(["| key | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _row(one: Value) -> str:
    default = f"`{one.default}`" if one.default else ""
    return f"| `{one.path}` | {default} | {one.meaning} |"


def page() -> str:
    """Return the README with the required table."""
    before, _, rest = README.read_text().partition(BEGIN)
    return f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}"
