"""Two alternatives measured alternately, so that other load on the machine affects both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TURN_S = 0.02
CALLS_AT_LEAST = 3


@dataclass(frozen=True)
class Race:
    """One operation.

    Attributes:
        name: of the library or algorithm.
        operation: the operation.
        own: the call through NovaCron.
        bare: the same call with the library's own objects.
        scale: amount of one call in `unit`.
        unit: of the table.
    """

    name: str
    operation: str
    own: Callable[[], Any]
    bare: Callable[[], Any]
    scale: float = 1.0
    unit: str = "ops/s"

    def run(self, rounds: int) -> dict[str, Any]:
        """Return medians of the rates, and the median of the rounds' ratios; the starting side alternates."""
        rates: dict[str, list[float]] = {"own": [], "bare": []}
        ways = [("own", self.own), ("bare", self.bare)]
        for action in (self.own, self.bare):
            action()
        for _ in range(rounds):
            for side, action in ways:
                rates[side].append(self.scale * _rate(action))
            ways.reverse()
        ratios = [own / bare for own, bare in zip(rates["own"], rates["bare"], strict=True)]
        return {
            "name": self.name, "operation": self.operation, "unit": self.unit,
            "own": statistics.median(rates["own"]), "bare": statistics.median(rates["bare"]),
            "ratio": statistics.median(ratios),
        }  # fmt: skip


def _rate(action: Callable[[], Any]) -> float:
    """Return calls per second, measured over one turn."""
    start, calls = time.perf_counter(), 0
    while calls < CALLS_AT_LEAST or time.perf_counter() - start < TURN_S:
        action()
        calls += 1
    return calls / (time.perf_counter() - start)
