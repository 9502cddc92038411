"""One directive of a server's configuration: located in the text, and written with the server's quoting.

Comments and quoted text never match, and everything around the value is preserved byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

POSTGRESQL = ("ssl_groups",)
"""Settings of PostgreSQL, whose values are in single quotes unless they are a plain word (manual, 19.1)."""
_ASIDE = re.compile(
    r"""(?<![^\s;{}])\#[^\n]*"""  # a comment
    r"""|(?<![^\s=;{}(,])(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|''|[^'\\\n])*')""",  # quoted text
    re.VERBOSE,
)
_VALUE = r"""(?P<value>'[^'\n]*'|"[^"\n]*"|[^\s;#'"{}[\]=]+)"""
# In nginx a directive ends with its semicolon, and may span several lines.
_BETWEEN = r"""(?:[ \t]*(?P<equals>=)[ \t]*|[ \t]+|\s+(?=['"]?[^\s;'"{}=]+['"]?\s*;))"""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Configuration syntax of a kind of server.

    Attributes:
        ignores_case: whether names are case-insensitive.
        after: regular expression of the text after which a missing directive is inserted, on its own line;
            empty if only the operator knows the place.
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
        start: offset of the value, including its quotation mark.
        end: offset of its end.
        quote: its quotation mark; empty if there is none.
    """

    text: str
    start: int
    end: int
    quote: str

    @property
    def written(self) -> str:
        """The value as written, with its quotation marks; empty if the directive is missing."""
        return self.text[self.start : self.end]

    @property
    def value(self) -> str:
        """The value."""
        return self.written[1:-1] if self.written[:1] in ("'", '"') else self.written

    def quoted(self, value: str) -> str:
        """Return another value in the same quoting."""
        return f"{self.quote}{value}{self.quote}"

    def replaced(self, written: str) -> str:
        """Return the configuration with another, already quoted value; an empty one removes the line."""
        if written:
            return self.text[: self.start] + written + self.text[self.end :]
        begins, ends = self.text.rfind("\n", 0, self.start) + 1, self.text.find("\n", self.end) + 1
        return self.text[:begins] + self.text[ends:] if ends else self.text[: max(0, begins - 1)]


@dataclass(frozen=True, slots=True)
class Missing(Directive):
    """A missing directive, and the line to be inserted."""

    line: str

    def replaced(self, written: str) -> str:
        """Return the configuration with the line inserted; an empty value omits it."""
        before, after = self.text[: self.start], self.text[self.start :]
        line = self.line.format(value=written)
        if not written:
            return self.text
        return f"{before}\n{line}{after}" if before and before[-1] != "\n" else f"{before}{line}\n{after}"


def find(text: str, *names: str, dialect: Dialect = PLAIN) -> Directive:
    """Find the directive in a configuration, ignoring comments.

    Its value follows after blanks (nginx, HAProxy) or `=` (PostgreSQL, OpenSSH, stunnel), bare, in quotation
    marks, or within the brackets of a list of certificates (HAProxy).

    Args:
        text: the configuration.
        names: accepted names, the preferred one first.
        dialect: the server's configuration syntax.

    Raises:
        ValueError: it occurs more than once, or it is missing and there is no known place for it.
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
    """Return as many characters without any directive; quotation marks of quoted text are kept."""
    text = aside[0]
    return " " * len(text) if text[0] == "#" else text[0] + "x" * (len(text) - 2) + text[-1]
