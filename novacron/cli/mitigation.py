"""What a result says about its mitigation, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def rows(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the values without mitigation, and the methods; nothing without mitigation."""
    told: Mapping[str, Any] | None = result.get("mitigation")
    if told is None:
        return []
    before = [
        (f"unmitigated {name}", f"{one['unmitigated']:.8g}") for name, one in told["observables"].items()
    ]
    shots = "" if told["shots"] is None else f", {told['shots']:,} shots"
    methods = ", ".join(told["methods"]) or "none"
    return [*before, ("mitigation", f"{methods}: {told['circuits']} circuits{shots}")]
