"""Random circuits in place of one: Pauli twirling of gates, and flips before the readout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.circuits.record import CircuitRecord
from workers.quantum.mitigation.isa import Isa
from workers.quantum.mitigation.twirling import twirled

FLIPPED = 16
"""Patterns of flips of the twirled readout: each pattern and its complement."""


@dataclass(frozen=True)
class Randomised:
    """How many random circuits replace each, and which.

    Attributes:
        twirls: circuits with twirled gates, 0 for the circuit as it is.
        readout: whether qubits are flipped before they are read.
        seed: of the random choices, which are the same in every round.
    """

    twirls: int = 0
    readout: bool = False
    seed: int = 0

    @property
    def names(self) -> list[str]:
        """The methods in words."""
        return [f"twirling ({self.twirls} circuits)"] if self.twirls else []

    def flips(self, n_letters: int) -> list[int]:
        """Return the patterns of flips; complementary ones in pairs cancel the bias of the readings."""
        if not self.readout:
            return [0]
        rng = np.random.default_rng([self.seed, n_letters])
        every = (1 << n_letters) - 1
        drawn = [int("".join(map(str, rng.integers(2, size=n_letters))), 2) for _ in range(FLIPPED // 2)]
        return list(dict.fromkeys(pattern for one in drawn for pattern in (one, one ^ every)))

    def copies(self, n_letters: int) -> int:
        """Return the number of random circuits in place of each."""
        return max(self.twirls, len(self.flips(n_letters)))

    def measured(self, isa: Isa, letters: str) -> list[tuple[CircuitRecord, int]]:
        """Return the random circuits that measure the letters, each with its flips."""
        patterns = self.flips(isa.n_letters)
        if not self.twirls:
            return [(isa.measured(letters, flips), flips) for flips in patterns]
        made = []
        for copy in range(self.copies(isa.n_letters)):
            flips = patterns[copy % len(patterns)]
            random = twirled(isa, np.random.default_rng([self.seed, copy]))
            made.append((random.measured(letters, flips), flips))
        return made
