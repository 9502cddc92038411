"""Text that others wrote, made fit to be shown: names, labels, messages, subjects of certificates.

Nothing in it is an instruction: not to a terminal, not to a typesetter, not to the direction of the line.
"""

from __future__ import annotations

from typing import Any
from unicodedata import category

LINES = frozenset("\n\t")
LONGEST_VALUE = 60


def printable(text: str) -> str:
    """Return the text with every character that cannot be seen written as its code point, ``<U+202E>``.

    Controls, escape sequences, marks that turn the direction of writing, zero-width characters and lone
    surrogates are such; line ends, tabs and the spaces of every script are left.
    """
    if text.isprintable():
        return text
    return "".join(one if _visible(one) else f"<U+{ord(one):04X}>" for one in text)


def _visible(character: str) -> bool:
    return character.isprintable() or character in LINES or category(character) == "Zs"


def on_one_line(text: str, longest: int | None = None) -> str:
    """Return the printable text without line ends, cut to `longest` characters where that is given."""
    line = printable(" ".join(text.splitlines()) if not text.isprintable() else text)
    return line if longest is None or len(line) <= longest else line[: longest - 1] + "…"


def short(value: Any) -> str:
    """Format a value for a repr: whole where it is short, by its number of entries where it is not."""
    if isinstance(value, dict | list):
        text = repr(value)
        entries = f"{len(value)} entr{'y' if len(value) == 1 else 'ies'}"
        return text if len(text) <= LONGEST_VALUE else f"({entries})"
    text = f"{value:.10g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
