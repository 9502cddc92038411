"""Refusals with the position of a syntax tree node."""

from typing import Any

from shared.circuits.limits import Refused


def place(node: Any) -> tuple[int | None, int | None]:
    """Return the one-based line and column of a syntax tree node."""
    span = getattr(node, "span", None)
    return (span.start_line, span.start_column + 1) if span is not None else (None, None)


def refuse(node: Any, message: str, rule: str | None = None, hint: str | None = None) -> Refused:
    """Return a refusal with the position of a syntax tree node."""
    return Refused(message, *place(node), rule=rule, hint=hint)
