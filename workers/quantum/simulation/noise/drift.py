"""Slowly drifting rates."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from novacron.specs.noise import WrittenDrift


def factors(drift: WrittenDrift | None) -> Iterator[float]:
    """Yield the factor of rates at each instruction in turn: 1 without drift.

    With drift, exp(sigma x - sigma^2/2) with x a stationary Ornstein-Uhlenbeck process of unit variance,
    stepped exactly: x' = a x + sqrt(1 - a^2) w, a = exp(-1/correlation_length), w standard normal.
    Source: Gillespie, Phys. Rev. E 54, 2084 (1996).
    """
    if drift is None:
        while True:
            yield 1.0
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([drift["seed"]])))
    sigma, a = float(drift["sigma"]), math.exp(-1.0 / float(drift["correlation_length"]))
    x = float(rng.standard_normal())
    while True:
        yield math.exp(sigma * x - sigma * sigma / 2)
        x = a * x + math.sqrt(1 - a * a) * float(rng.standard_normal())
