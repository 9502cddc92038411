"""Refusals placed where a syntax tree node stands."""

from typing import Any

from shared.circuits.limits import Refused


def place(node: Any) -> tuple[int | None, int | None]:
    """One-based line and column of a syntax tree node."""
    span = getattr(node, "span", None)
    return (span.start_line, span.start_column + 1) if span is not None else (None, None)


def refuse(node: Any, message: str, rule: str | None = None, hint: str | None = None) -> Refused:
    """The refusal of a syntax tree node, placed where it stands."""
    return Refused(message, *place(node), rule=rule, hint=hint)
