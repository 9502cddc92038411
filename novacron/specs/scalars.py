"""The leaf types of job specs: strict, finite, and storable in PostgreSQL as they are."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from novacron.specs.refusal import refuse

MAX_DEPTH = 32
INT_BOUND = 2**63


def matching(pattern: str, rule: str) -> AfterValidator:
    """Return a validator for text that must fully match a pattern, with the rule in words."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refuse(rule)
        return text

    return AfterValidator(check)


def _without_nul(text: str) -> str:
    if "\x00" in text:  # PostgreSQL does not store NUL, neither in text nor in jsonb
        raise refuse("must not hold NUL characters")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise refuse("must be printable text on one line")
    return text


def check_json_object(value: object) -> dict[str, Any]:
    """Validate that a free-form mapping is plain JSON that can be stored."""
    if not isinstance(value, Mapping):
        raise refuse("must be a mapping of keys to values")
    check_json(value, ())
    return dict(value)


def check_json(value: object, at: tuple[str | int, ...]) -> None:
    """Validate that a value is plain JSON that can be stored; `at` is its location, for errors."""
    if len(at) > MAX_DEPTH:
        raise refuse(f"must be nested at most {MAX_DEPTH} deep")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_key(key, at)
            check_json(inner, (*at, key))
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            check_json(inner, (*at, position))
    else:
        _check_leaf(value, at)


def _check_key(key: object, at: tuple[str | int, ...]) -> None:
    if not isinstance(key, str):
        raise refuse("keys must be text", at=at, value=key, hint="put it in quotes")
    _check_leaf(key, at)
    if key == "file":
        hint = "the client reads files under the keys hamiltonian and problem; write other values out"
        raise refuse("unknown key", at=(*at, key), hint=hint)


def _check_leaf(value: object, at: tuple[str | int, ...]) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise refuse("must be valid Unicode text without NUL characters", at=at, value=ascii(value))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise refuse("must be finite, not NaN or infinite", at=at, value=value)
    elif isinstance(value, int):
        if abs(value) >= INT_BOUND:
            raise refuse("must fit in 64 bits", at=at, value=value)
    elif value is not None:
        rule = "must be text, a number, true, false, null, a list or a mapping"
        raise refuse(rule, at=at, value=value)


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Integer = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True), AfterValidator(_without_nul)]
Label = Annotated[str, Field(strict=True, max_length=200), AfterValidator(_one_line)]
Identifier = Annotated[
    str,
    Field(strict=True, max_length=200),
    matching(r"[A-Za-z0-9][A-Za-z0-9_.:+-]*", "must be letters, digits and any of _ . : + - without spaces"),
]
JsonObject = Annotated[dict[str, Any], BeforeValidator(check_json_object)]
