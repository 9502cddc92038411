"""Rules for setting values: types and ranges, phrased for error messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePosixPath
from typing import Any

from novacron.errors import nearest

NUMBERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "int": (r"[+-]?[0-9]+", int),
    "float": (r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", float),
}
FLAGS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule for a setting's value.

    Attributes:
        words: the rule, after "must be".
        kind: `bool`, `int`, `float` or `str`.
        holds: whether a value of that kind is allowed.
        secret: whether the value may hold a password, so that no message shows it.
        known: the allowed words, for a "did you mean".
        normal: normalizes an allowed value.
    """

    words: str
    kind: str
    holds: Callable[[Any], bool] = lambda _: True
    secret: bool = False
    known: Collection[str] = ()
    normal: Callable[[Any], Any] = lambda value: value

    def of_text(self, text: str) -> Any:
        """Parse the text of an environment variable.

        Raises:
            ValueError: it breaks the rule.
        """
        text = text.strip()
        if self.kind == "bool" and text.lower() in FLAGS:
            return FLAGS[text.lower()]
        if self.kind == "str":
            return self.checked(text)
        pattern, read = NUMBERS.get(self.kind, ("(?!)", str))
        if not re.fullmatch(pattern, text):
            raise ValueError(self.words)
        return self.checked(read(text))

    def checked(self, value: Any) -> Any:
        """Return a value of the right type if it is allowed.

        Raises:
            ValueError: it breaks the rule.
        """
        if self.kind == "float" and type(value) is int:
            value = float(value)
        if type(value).__name__ != self.kind or not self.holds(value):
            raise ValueError(self.words)
        return self.normal(value)

    def meant(self, value: object) -> str | None:
        """Return a hint for a word that is similar to a known one."""
        words = str(value).split(",") if self.known else ()
        unknown = [word.strip() for word in words if word.strip() not in self.known]
        near = nearest(unknown[0], self.known) if unknown else None
        return f"did you mean {near}?" if near else None


def flag() -> Rule:
    """Return the rule for true or false."""
    return Rule("true or false (1 or 0)", "bool")


def whole(least: int, most: int) -> Rule:
    """Return the rule for an integer in a range."""
    return Rule(f"a whole number from {least} to {most}", "int", lambda value: least <= value <= most)


def seconds(least: float, most: float) -> Rule:
    """Return the rule for a number of seconds in a range."""
    return Rule(
        f"a number of seconds from {least:g} to {most:g}",
        "float",
        lambda value: isfinite(value) and least <= value <= most,
    )


def word() -> Rule:
    """Return the rule for a name without blanks."""
    return Rule("a name without blanks", "str", lambda value: re.fullmatch(r"\S+", value) is not None)


def anything() -> Rule:
    """Return the rule for a text that is validated elsewhere, such as a token."""
    return Rule("text", "str", secret=True)


def key_prefix() -> Rule:
    """Return the rule for a prefix of key names, or nothing."""
    return Rule(
        "at most 64 letters, digits and the characters . _ : -",
        "str",
        lambda value: re.fullmatch(r"[A-Za-z0-9._:-]{0,64}", value) is not None,
    )


def one_of(*words: str) -> Rule:
    """Return the rule for one of a few words, or nothing."""
    return Rule(f"one of {', '.join(words)}", "str", lambda value: value in ("", *words), known=words)


def some_of(words: Collection[str]) -> Rule:
    """Return the rule for comma-separated distinct words."""

    def given(value: str) -> list[str]:
        return [one.strip() for one in value.split(",")]

    return Rule(
        f"some of {', '.join(words)}, each once, with commas between them",
        "str",
        lambda value: len(set(given(value))) == len(given(value)) and set(given(value)) <= set(words),
        known=words,
        normal=lambda value: ",".join(given(value)),
    )


def address(*schemes: str) -> Rule:
    """Return the rule for a URL with one of some schemes, or nothing if that is the default."""
    starts = tuple(f"{scheme}://" for scheme in schemes)
    return Rule(
        f"an address that begins with {' or '.join(starts)}",
        "str",
        lambda value: not value or (value.startswith(starts) and value not in starts and value.isprintable()),
        secret=True,
    )


def path() -> Rule:
    """Return the rule for an absolute path, or nothing."""
    return Rule("an absolute path", "str", lambda value: not value or _absolute(value))


def ports() -> Rule:
    """Return the rule for comma-separated ports, or nothing."""
    return Rule(
        "ports from 1 to 65535 with commas between them",
        "str",
        lambda value: not value or all(map(_port, value.split(","))),
    )


def granted_paths() -> Rule:
    """Return the rule for colon-separated absolute paths, optionally prefixed with `NAME=`, or nothing."""
    return Rule(
        "absolute paths with : between them, each alone or as TENANT=PATH",
        "str",
        lambda value: not value or all(map(_granted, value.split(":"))),
    )


def read_by(read: Callable[[str], object], words: str) -> Rule:
    """Return the rule for a text that a function can parse: it raises ValueError otherwise."""

    def holds(value: str) -> bool:
        try:
            read(value)
        except ValueError:
            return False
        return True

    return Rule(words, "str", holds)


def _port(value: str) -> bool:
    return re.fullmatch(r"[0-9]{1,5}", value) is not None and 1 <= int(value) <= 65_535


def _granted(value: str) -> bool:
    name, separator, path = value.partition("=")
    return _absolute(value) or bool(separator and name and _absolute(path))


def _absolute(value: str) -> bool:
    return PurePosixPath(value).is_absolute() and "\0" not in value
