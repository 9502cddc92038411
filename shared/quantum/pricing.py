"""Expected use of a device by a program, and its price in dollars.

The time of a job at IBM is that of its executions and of loading its circuits: about 2 s and 0.35 ms for each
shot of each circuit (IBM Quantum documentation, "Workload usage", which gives this as an estimate).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.quantum.named_backends import NamedBackend

JOB_S = 2.0
"""Seconds of a device for each job, beside its shots."""
SHOT_S = 0.25e-3
"""Delay in seconds between shots."""
GATES_S = 0.1e-3
"""Duration in seconds of a shot's gates and readout that is assumed where the circuit is not compiled yet."""
BAND = (0.5, 2.0)
"""Factors within which the use is expected to lie."""


class Band(NamedTuple):
    """An expected value with its range."""

    low: float
    expected: float
    high: float


def qpu_seconds(n_circuits: int, shots: int, duration_s: float | None = None, n_jobs: int = 1) -> float:
    """Return the expected seconds of a device.

    Args:
        n_circuits: number of circuits with all parameters bound.
        shots: shots of each.
        duration_s: of one shot, None if the circuits are not compiled yet.
        n_jobs: number of jobs that they are submitted in.
    """
    shot_s = SHOT_S + (GATES_S if duration_s is None else duration_s)
    return n_jobs * JOB_S + n_circuits * shots * shot_s


def band(expected: float) -> Band:
    """Return an expected value with its range."""
    return Band(BAND[0] * expected, expected, BAND[1] * expected)


def usd_per_second(backend: str, device: str, named: Mapping[str, NamedBackend]) -> float | None:
    """Return the price of a second of a device, None if the operator has stated none.

    Args:
        backend: the provider's backend.
        device: the device.
        named: backends configured by the operator; one for this device precedes one for all.
    """
    prices = {
        one.device: one.usd_per_qpu_second
        for one in named.values()
        if one.provider == backend and one.usd_per_qpu_second is not None
    }
    return prices.get(device, prices.get(None))
