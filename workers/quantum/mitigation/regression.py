"""Training circuits of Clifford data regression: the same gates with Clifford angles.

Source: Czarnik et al., Quantum 5, 592 (2021), section 3.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp, pi

import numpy as np

from shared.circuits.instruction import Affine, Gate, Instruction
from workers.quantum.mitigation.isa import Isa

QUARTER = pi / 2
WIDTH = 0.5
"""Width, in radians, of the distribution of an angle's replacement around it."""
TINY = 1e-9
"""Angles closer to a multiple of pi/2 are kept."""
ROTATIONS = frozenset({"rx", "ry", "rz", "p", "rxx", "ryy", "rzz", "rzx"})


def trained(isa: Isa, n: int, rng: np.random.Generator) -> list[Isa]:
    """Return n circuits whose rotations have random multiples of pi/2.

    Close ones are more probable in every second circuit, and all equally in the others: circuits that are all
    alike would determine no line.

    Args:
        isa: a circuit with bound parameters.
        n: number of circuits.
        rng: draws the angles.
    """
    return [
        isa.with_gates(tuple(_rounded(item, rng, close=k % 2 == 0) for item in isa.record.instructions))
        for k in range(n)
    ]


def _rounded(item: Instruction, rng: np.random.Generator, *, close: bool) -> Instruction:
    if not isinstance(item, Gate) or item.name not in ROTATIONS:
        return item
    (angle,) = item.params
    assert not isinstance(angle, Affine), "parameters are bound"
    nearest = round(angle / QUARTER)
    choices = [(nearest + step) * QUARTER for step in (-1, 0, 1, 2)]
    if abs(angle - choices[1]) < TINY:
        return item
    weights = np.array([exp(-(((choice - angle) / WIDTH) ** 2)) if close else 1.0 for choice in choices])
    return replace(item, params=(float(rng.choice(choices, p=weights / weights.sum())),))
