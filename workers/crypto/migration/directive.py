"""One directive of a server's configuration: found where it stands, and written as the server quotes it.

Comments and what is inside quotes are never taken for it, and everything around its value stays byte for
byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

POSTGRESQL = ("ssl_groups",)
"""Settings of PostgreSQL, whose values stand in single quotes unless they are a plain word (manual, 19.1)."""
_ASIDE = re.compile(
    r"""(?<![^\s;{}])\#[^\n]*"""  # a comment
    r"""|(?<![^\s=;{}(,])(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|''|[^'\\\n])*')""",  # a text in quotes
    re.VERBOSE,
)
_VALUE = r"""(?P<value>'[^'\n]*'|"[^"\n]*"|[^\s;#'"{}[\]=]+)"""
# In nginx a directive ends with its semicolon, and may go over several lines until there.
_BETWEEN = r"""(?:[ \t]*(?P<equals>=)[ \t]*|[ \t]+|\s+(?=['"]?[^\s;'"{}=]+['"]?\s*;))"""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is peculiar to the configuration of a kind of server.

    Attributes:
        ignores_case: whether the case of names does not matter.
        after: regular expression of what a directive that is missing is written after, on a line of its own;
            empty where only the operator knows the place.
        line: that line.
    """

    ignores_case: bool = False
    after: str = ""
    line: str = "{name} {value}"


PLAIN = Dialect()


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive with its value.

    Attributes:
        text: the whole configuration.
        start: where the value begins, with its quotation mark.
        end: where it ends.
        quote: its quotation mark; empty where there is none.
    """

    text: str
    start: int
    end: int
    quote: str

    @property
    def written(self) -> str:
        """The value as it stands there, with its quotation marks; empty where the directive is missing."""
        return self.text[self.start : self.end]

    @property
    def value(self) -> str:
        """The value."""
        return self.written[1:-1] if self.written[:1] in ("'", '"') else self.written

    def quoted(self, value: str) -> str:
        """Another value as it is to stand there."""
        return f"{self.quote}{value}{self.quote}"

    def replaced(self, written: str) -> str:
        """The configuration with another value, which is quoted already; an empty one takes out its line."""
        if written:
            return self.text[: self.start] + written + self.text[self.end :]
        begins, ends = self.text.rfind("\n", 0, self.start) + 1, self.text.find("\n", self.end) + 1
        return self.text[:begins] + self.text[ends:] if ends else self.text[: max(0, begins - 1)]


@dataclass(frozen=True, slots=True)
class Missing(Directive):
    """A directive that is not there, and the line that it would be."""

    line: str

    def replaced(self, written: str) -> str:
        """The configuration with the line; an empty value leaves it out."""
        before, after = self.text[: self.start], self.text[self.start :]
        line = self.line.format(value=written)
        if not written:
            return self.text
        return f"{before}\n{line}{after}" if before and before[-1] != "\n" else f"{before}{line}\n{after}"


def find(text: str, *names: str, dialect: Dialect = PLAIN) -> Directive:
    """The directive in a configuration, that of a comment apart.

    Its value follows after blanks (nginx, HAProxy) or `=` (PostgreSQL, OpenSSH, stunnel), bare, in quotation
    marks, or within the brackets of a list of certificates (HAProxy).

    Args:
        text: the configuration.
        names: what it may be called, the preferred one first.
        dialect: how the server writes it.

    Raises:
        ValueError: it is there more than once, or it is missing and there is no place for it.
    """
    spelled = "|".join(r"[ \t]+".join(map(re.escape, name.split())) for name in names)
    pattern = rf"(?<![\w.$-])(?P<name>{spelled}){_BETWEEN}{_VALUE}"
    flags = re.IGNORECASE if dialect.ignores_case else 0
    found = list(re.finditer(pattern, _ASIDE.sub(_masked, text), flags))
    if not found and dialect.after:
        return _missing(text, names[0], dialect)
    if len(found) != 1:
        raise ValueError(f"must hold the directive {names[0]} once, it does {len(found)} times")
    (one,) = found
    return Directive(text, one.start("value"), one.end("value"), _quote(one))


def _missing(text: str, name: str, dialect: Dialect) -> Missing:
    place = re.search(dialect.after, text, re.MULTILINE)
    if place is None:
        raise ValueError(f"has no place for the directive {name}: write it where it belongs")
    quote = "'" if name in POSTGRESQL else ""
    return Missing(text, place.end(), place.end(), quote, dialect.line.replace("{name}", name))


def _quote(found: re.Match[str]) -> str:
    mark = found["value"][:1]
    if mark in ("'", '"'):
        return mark
    name = found["name"].lower()
    return "'" if name in POSTGRESQL or (name == "ssl_ecdh_curve" and found["equals"]) else ""


def _masked(aside: re.Match[str]) -> str:
    """As many characters, none of which is a directive; of a text in quotes the quotes stay."""
    text = aside[0]
    return " " * len(text) if text[0] == "#" else text[0] + "x" * (len(text) - 2) + text[-1]
