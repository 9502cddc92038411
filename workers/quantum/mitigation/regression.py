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
ROTATIONS = frozenset({"rx", "ry", "rz", "p", "rxx", "ryy", "rzz", "rzx"})


def trained(isa: Isa, n: int, rng: np.random.Generator) -> list[Isa]:
    """Return n circuits whose rotations have random multiples of pi/2, close ones with more probability.

    Args:
        isa: a circuit with bound parameters.
        n: number of circuits.
        rng: draws the angles.
    """
    return [isa.with_gates(tuple(_rounded(item, rng) for item in isa.record.instructions)) for _ in range(n)]


def _rounded(item: Instruction, rng: np.random.Generator) -> Instruction:
    if not isinstance(item, Gate) or item.name not in ROTATIONS:
        return item
    (angle,) = item.params
    assert not isinstance(angle, Affine), "parameters are bound"
    nearest = round(angle / QUARTER)
    choices = [(nearest + step) * QUARTER for step in (-1, 0, 1, 2)]
    weights = np.array([exp(-(((choice - angle) / WIDTH) ** 2)) for choice in choices])
    return replace(item, params=(float(rng.choice(choices, p=weights / weights.sum())),))
