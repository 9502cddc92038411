"""Sanitization of untrusted text for display: names, labels, messages, subjects of certificates.

It cannot control a terminal, a typesetter or the direction of the line.
"""

from __future__ import annotations

from typing import Any
from unicodedata import category

LINES = frozenset("\n\t")
LONGEST_VALUE = 60


def printable(text: str) -> str:
    """Return the text with every invisible character written as its code point, ``<U+202E>``.

    These are control characters, escape sequences, bidirectional marks, zero-width characters and lone
    surrogates; line ends, tabs and the spaces of every script are kept.
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
    """Format a value for a repr: in full where it is short, else as its number of entries."""
    if isinstance(value, dict | list):
        text = repr(value)
        entries = f"{len(value)} entr{'y' if len(value) == 1 else 'ies'}"
        return text if len(text) <= LONGEST_VALUE else f"({entries})"
    text = f"{value:.10g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
