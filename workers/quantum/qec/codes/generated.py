"""Codes whose circuits Stim generates (Gidney, Quantum 5, 497 (2021), doi:10.22331/q-2021-07-06-497).

Uniform circuit noise of strength p: two-qubit depolarisation after every two-qubit Clifford gate and
one-qubit depolarisation after every other one, depolarisation of each data qubit before each round, a flip
before each measurement and after each reset.
"""

from __future__ import annotations

import stim

from novacron.specs.qec_point import Point
from workers.quantum.qec import noise


def rotated_surface(point: Point) -> stim.Circuit:
    """Return the memory circuit of the rotated surface code, [[d^2, 1, d]]."""
    return _generated(f"surface_code:rotated_memory_{point.basis}", point)


def unrotated_surface(point: Point) -> stim.Circuit:
    """Return the memory circuit of the unrotated surface code, [[d^2 + (d - 1)^2, 1, d]]."""
    return _generated(f"surface_code:unrotated_memory_{point.basis}", point)


def repetition(point: Point) -> stim.Circuit:
    """Return the memory circuit of the repetition code, which corrects bit flips only."""
    return _generated("repetition_code:memory", point)


def _generated(task: str, point: Point) -> stim.Circuit:
    if point.noise != "uniform":
        bare = stim.Circuit.generated(task, distance=point.distance, rounds=point.rounds)
        return noise.noisy(noise.native(bare), noise.rates(point.noise, point.p))
    return stim.Circuit.generated(
        task,
        distance=point.distance,
        rounds=point.rounds,
        after_clifford_depolarization=point.p,
        before_round_data_depolarization=point.p,
        before_measure_flip_probability=point.p,
        after_reset_flip_probability=point.p,
    )
