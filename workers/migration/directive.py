"""One directive of a server's configuration: found where it stands, and written as the server quotes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

POSTGRESQL = ("ssl_groups",)
"""Settings of PostgreSQL, whose values stand in single quotes unless they are a plain word (manual, 19.1)."""


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
        """The value as it stands there, with its quotation marks."""
        return self.text[self.start : self.end]

    @property
    def value(self) -> str:
        """The value."""
        return self.written[1:-1] if self.written[:1] in ("'", '"') else self.written

    def quoted(self, value: str) -> str:
        """Another value as it is to stand there."""
        return f"{self.quote}{value}{self.quote}"

    def replaced(self, written: str) -> str:
        """The configuration with another value, which is quoted already."""
        return self.text[: self.start] + written + self.text[self.end :]


def find(text: str, name: str) -> Directive:
    """The directive in a configuration, that of a comment apart.

    Its value follows after blanks (nginx, HAProxy) or `=` (PostgreSQL, OpenSSL, stunnel), bare or in
    quotation marks.

    Raises:
        ValueError: it is not there exactly once.
    """
    spelled = r"[ \t]+".join(map(re.escape, name.split()))
    pattern = re.compile(
        rf"^[^#\n]*?(?<![\w.-]){spelled}(?:[ \t]*(?P<equals>=)[ \t]*|[ \t]+)"
        r"""(?P<value>'[^'\n]*'|"[^"\n]*"|[^\s;#'"{}=]+)""",
        re.MULTILINE,
    )
    found = list(pattern.finditer(text))
    if len(found) != 1:
        raise ValueError(f"must hold the directive {name} once, it does {len(found)} times")
    (one,) = found
    return Directive(text, one.start("value"), one.end("value"), _quote(name, one))


def _quote(name: str, found: re.Match[str]) -> str:
    mark = found["value"][:1]
    if mark in ("'", '"'):
        return mark
    return "'" if name in POSTGRESQL or (name == "ssl_ecdh_curve" and found["equals"]) else ""
