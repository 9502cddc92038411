"""Canonical JSON, which can be signed.

The library rfc8785 produces the same bytes, as a test verifies, but refuses integers beyond 2**53. Seeds go
up to 2**63, and a signed document with one must verify (docs/libraries.md).
"""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

from novacron.errors import BadInput

MOST_LEVELS = 200


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of a JSON value.

    Source: RFC 8785. Integers beyond 2**53, for which the RFC has no form, are written in full.

    Raises:
        BadInput: JSON cannot represent it.
    """
    try:
        return _text(value, MOST_LEVELS).encode()
    except UnicodeEncodeError:
        raise BadInput("contains characters that Unicode cannot represent") from None


def _text(value: Any, levels: int) -> str:
    if levels == 0:
        raise BadInput(f"is nested more than {MOST_LEVELS} levels deep")
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) else _number(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(_text(one, levels - 1) for one in value)}]"
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return f"{{{','.join(f'{_text(name, 1)}:{_text(value[name], levels - 1)}' for name in names)}}}"
    raise BadInput(f"JSON cannot represent a {type(value).__name__}")


def _number(value: float) -> str:
    """Format a double as ECMAScript does: the shortest digits that round-trip.

    Source: ECMA-262, Number::toString.
    """
    if not math.isfinite(value):
        raise BadInput("JSON cannot represent a number that is not finite")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if value == 0:
        return "0"
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    return ("-" if sign else "") + _placed(text, point)


def _placed(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
