"""Contestants that take turns at one piece of work in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

OWN = "NovaCron"
TURN_S = 0.02
LONGEST_S = 45.0
"""No piece of work is repeated for longer than this, all contestants together."""


@dataclass
class Contest:
    """One piece of work.

    Attributes:
        name: as in the table.
        own: what NovaCron does; every other contestant must give the same numbers.
        peers: name -> what it does; a name says the method and a precision other than double.
        agree: largest difference allowed.
        aim: times the best peer's speed that is aimed at.
        judged: the peers that the aim is about; None for all.
    """

    name: str
    own: Callable[[], Any]
    peers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    agree: float = 1e-8
    aim: float = 1.0
    judged: tuple[str, ...] | None = None

    def check(self) -> None:
        """Compare the answers, and warm up.

        Raises:
            SystemExit: A contestant computes something else.
        """
        expected = np.concatenate([np.ravel(part) for part in _parts(self.own())])
        for name, run in self.peers.items():
            found = np.concatenate([np.ravel(part) for part in _parts(run())])
            difference = float(np.abs(found - expected).max())
            if not difference <= self.agree:
                raise SystemExit(f"{self.name}: {name} differs by {difference:.1e}")

    def measure(self, rounds: int) -> dict[str, float]:
        """Median milliseconds by contestant; a turn is a loop of calls, as an optimizer makes them."""
        runs = {OWN: self.own, **self.peers}
        taken: dict[str, list[float]] = {name: [] for name in runs}
        until = time.perf_counter() + LONGEST_S
        for done in range(rounds):
            for name, run in runs.items():
                taken[name].append(1e3 * _turn(run))
            if time.perf_counter() > until and done:
                break
        return {name: statistics.median(values) for name, values in taken.items()}

    def ratio(self, medians: dict[str, float]) -> float | None:
        """How many times NovaCron's time the best judged peer takes."""
        judged = [medians[name] for name in self.judged or tuple(self.peers) if name in medians]
        return min(judged) / medians[OWN] if judged else None


def _turn(run: Callable[[], Any]) -> float:
    """Seconds of a call, the mean of as many as fill `TURN_S`."""
    start, calls = time.perf_counter(), 0
    while calls == 0 or time.perf_counter() - start < TURN_S:
        run()
        calls += 1
    return (time.perf_counter() - start) / calls


def _parts(answer: Any) -> tuple[Any, ...]:
    return answer if isinstance(answer, tuple) else (answer,)
