"""Contestants that run one workload alternately in one process."""

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
"""Maximum seconds of repetitions of one workload, over all contestants."""


@dataclass
class Contest:
    """One workload.

    Attributes:
        name: as in the table.
        own: NovaCron's call; every other contestant must return the same numbers.
        peers: name -> call; the name states the method and a precision other than double.
        agree: largest allowed difference.
        aim: target ratio to the best peer's speed.
        judged: the peers that the target refers to; None for all.
    """

    name: str
    own: Callable[[], Any]
    peers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    agree: float = 1e-8
    aim: float = 1.0
    judged: tuple[str, ...] | None = None

    def check(self) -> None:
        """Compare the results, and warm up.

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
        """Return median milliseconds by contestant; a turn is a loop of calls, as in an optimizer."""
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
        """Return the best judged peer's time relative to NovaCron's."""
        judged = [medians[name] for name in self.judged or tuple(self.peers) if name in medians]
        return min(judged) / medians[OWN] if judged else None


def _turn(run: Callable[[], Any]) -> float:
    """Return the seconds per call, averaged over `TURN_S`."""
    start, calls = time.perf_counter(), 0
    while calls == 0 or time.perf_counter() - start < TURN_S:
        run()
        calls += 1
    return (time.perf_counter() - start) / calls


def _parts(answer: Any) -> tuple[Any, ...]:
    return answer if isinstance(answer, tuple) else (answer,)
