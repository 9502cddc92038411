"""JSON decoding within limits that are checked before any object is built."""

from __future__ import annotations

import json
import re

from novacron.errors import BadInput
from novacron.json_types import Json

DEEPEST = 64
MOST_VALUES = 3_000_000
"""Largest number of array elements and object members: a million Pauli terms have as many."""
MOST_MEMBERS = 1_000_000
"""Largest number of object members; each costs ten times as much as an array element."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
"""A string, possibly truncated; possessive quantifiers make the match linear in the text."""
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def loads(raw: bytes) -> Json:
    """Decode a JSON text.

    Raises:
        BadInput: it is not JSON, or exceeds a limit.
    """
    check(raw)
    try:
        value: Json = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the body is not JSON: {error}") from None
    return value


def check(raw: bytes) -> None:
    """Refuse a text with too many values or too deep nesting, without decoding it.

    An empty array or object counts as two values.

    Raises:
        BadInput: names the limit.
    """
    if _within(raw):
        return
    bare = _STRING.sub(b'""', raw)
    members, values = bare.count(b":"), _values(bare)
    if members > MOST_MEMBERS:
        raise BadInput(f"the body has {members:,} members of objects, more than {MOST_MEMBERS:,}")
    if values > MOST_VALUES:
        raise BadInput(f"the body has {values:,} values, more than {MOST_VALUES:,}")
    if _too_deep(bare):
        raise BadInput(f"the body is nested too deep: more than {DEEPEST} arrays and objects in one another")


def _within(raw: bytes) -> bool:
    """Return whether the limits hold even counting the marks inside strings; true for nearly every text."""
    return (
        raw.count(b"[") + raw.count(b"{") <= DEEPEST
        and raw.count(b":") <= MOST_MEMBERS
        and _values(raw) <= MOST_VALUES
    )


def _values(text: bytes) -> int:
    """Count the values: every one but the first of each array or object follows a comma."""
    return text.count(b",") + text.count(b"[") + text.count(b"{") + 1


def _too_deep(bare: bytes) -> bool:
    """Return whether brackets remain after removing the innermost pairs `DEEPEST` times."""
    brackets = bare.translate(None, _NO_BRACKET)
    for _ in range(DEEPEST):
        inner = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(inner) == len(brackets):
            break
        brackets = inner
    return len(brackets) > DEEPEST if b"[]" not in brackets and b"{}" not in brackets else True


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
