"""JSON text as values, within limits that are checked before anything is built."""

from __future__ import annotations

import json
import re

from novacron.errors import BadInput
from novacron.json_types import Json

DEEPEST = 64
MOST_VALUES = 3_000_000
"""Elements of arrays and members of objects: a million Pauli terms have as many."""
MOST_MEMBERS = 1_000_000
"""Members of objects; each costs ten times what an element of an array does."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
"""A string, also one cut off: whatever the text, it is gone through once."""
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))


def loads(raw: bytes) -> Json:
    """The value of a JSON text.

    Raises:
        BadInput: it is not JSON, or over the limits.
    """
    check(raw)
    try:
        value: Json = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the body is not JSON: {error}") from None
    return value


def check(raw: bytes) -> None:
    """Refuse a text with too many values, or nested too deep, without reading it.

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
    """Whether even the marks inside strings cannot add up to too much; true of nearly every text."""
    return (
        raw.count(b"[") + raw.count(b"{") <= DEEPEST
        and raw.count(b":") <= MOST_MEMBERS
        and _values(raw) <= MOST_VALUES
    )


def _values(text: bytes) -> int:
    """Every value but the first of each array or object follows a comma."""
    return text.count(b",") + text.count(b"[") + text.count(b"{") + 1


def _too_deep(bare: bytes) -> bool:
    """Whether pairs of brackets remain after the innermost ones have been removed `DEEPEST` times."""
    brackets = bare.translate(None, _NO_BRACKET)
    for _ in range(DEEPEST):
        inner = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if len(inner) == len(brackets):
            break
        brackets = inner
    return len(brackets) > DEEPEST if b"[]" not in brackets and b"{}" not in brackets else True


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
