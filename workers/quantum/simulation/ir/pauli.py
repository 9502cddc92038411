"""Real sums of Pauli strings, held as masks.

Character i of a string acts on qubit i; in a mask, qubit q of n is bit n-1-q, the bit it has in a
basis index. Y sets its bit in both masks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workers.quantum.simulation.ir.program import Complex, Float

if TYPE_CHECKING:
    from workers.quantum.simulation.ir.operator import Operator

LETTERS = "IXZY"
MAX_QUBITS = 62
MOST_WRITTEN = 64
SUMMED = 1 << 14
"""Maximum number of products summed at once."""


class PauliError(ValueError):
    """A term that is not a real multiple of a Pauli string of the right length."""


def masks(string: str) -> tuple[int, int]:
    """Return X mask and Z mask of a Pauli string.

    Raises:
        PauliError: A letter other than I, X, Y, Z.
    """
    x = z = 0
    for letter in string:
        if letter not in LETTERS:
            raise PauliError(f"letter {letter!r} in Pauli string {string!r}; letters are I, X, Y, Z")
        x = 2 * x + (letter in "XY")
        z = 2 * z + (letter in "YZ")
    return x, z


def string(x: int, z: int, n_qubits: int) -> str:
    """Return the Pauli string with these masks."""
    bits = reversed(range(n_qubits))
    return "".join(LETTERS[(x >> bit & 1) + 2 * (z >> bit & 1)] for bit in bits)


@dataclass(frozen=True, eq=False)
class PauliSum:
    """H = sum_k coefficients[k] P_k, terms distinct and in a fixed order.

    Attributes:
        n_qubits: Number of qubits, 1 to 62.
        x_masks: int64[terms].
        z_masks: int64[terms].
        coefficients: float64[terms].
    """

    n_qubits: int
    x_masks: NDArray[np.int64]
    z_masks: NDArray[np.int64]
    coefficients: Float

    @classmethod
    def from_terms(cls, terms: Iterable[tuple[str, float] | Sequence[object]]) -> PauliSum:
        """Build from (string, coefficient) pairs; equal strings are summed.

        Raises:
            PauliError: No terms, strings of unequal length, a wrong letter, a coefficient that is
                not a finite real number.
        """
        sums: dict[tuple[int, int], float] = {}
        n_qubits = 0
        for position, pair in enumerate(terms):
            letters, coefficient = _checked(position, pair)
            n_qubits = n_qubits or len(letters)
            if len(letters) != n_qubits:
                raise PauliError(f"term {position}: {letters!r} has {len(letters)} letters, not {n_qubits}")
            key = masks(letters)
            sums[key] = sums.get(key, 0.0) + coefficient
        if not sums:
            raise PauliError("a Hamiltonian needs at least one term")
        return cls.from_masks(n_qubits, sums)

    @classmethod
    def from_masks(cls, n_qubits: int, sums: dict[tuple[int, int], float]) -> PauliSum:
        """Build from {(x mask, z mask): coefficient}.

        Raises:
            PauliError: A number of qubits outside 1 to 62.
        """
        if not 1 <= n_qubits <= MAX_QUBITS:
            raise PauliError(f"{n_qubits} qubits; a Pauli sum takes 1 to {MAX_QUBITS}")
        keys = np.array(list(sums), dtype=np.int64).reshape(-1, 2)
        values = np.array(list(sums.values()), dtype=np.float64)
        return cls(n_qubits, keys[:, 0].copy(), keys[:, 1].copy(), values)

    def terms(self) -> list[tuple[str, float]]:
        """Return the (string, coefficient) pairs."""
        rows = zip(self.x_masks.tolist(), self.z_masks.tolist(), self.coefficients.tolist(), strict=True)
        return [(string(x, z, self.n_qubits), c) for x, z, c in rows]

    def written(self) -> str:
        """Return the usual notation: `0.5 Z0 Z1 - 1 X2`, letters with their qubits; 64 terms at most."""
        parts = [
            f"{'-' if c < 0 else '+'} {abs(c):.12g} "
            + (" ".join(f"{letter}{q}" for q, letter in enumerate(letters) if letter != "I") or "I")
            for letters, c in self.part(np.arange(len(self.coefficients)) < MOST_WRITTEN).terms()
        ]
        if len(self.coefficients) > MOST_WRITTEN:
            parts.append(f"+ {len(self.coefficients) - MOST_WRITTEN} further terms")
        return " ".join(parts).removeprefix("+ ")

    @property
    def constant(self) -> float:
        """Coefficient of the identity."""
        return float(self.coefficients[(self.x_masks | self.z_masks) == 0].sum())

    @property
    def deviation(self) -> float:
        """Standard deviation of the eigenvalues: root of the summed squares of all coefficients but I's."""
        others = (self.x_masks | self.z_masks) != 0
        largest = float(np.abs(self.coefficients[others]).max(initial=0.0))
        if not largest:
            return 0.0
        # Scaled first, so that squares neither overflow nor underflow.
        return largest * float(np.sqrt(np.square(self.coefficients[others] / largest).sum()))

    def scaled(self, factor: float) -> PauliSum:
        """Return the sum times a factor."""
        return PauliSum(self.n_qubits, self.x_masks, self.z_masks, self.coefficients * factor)

    def traceless(self) -> PauliSum:
        """Return the sum without its identity; for a sum of nothing else, zero times the identity."""
        others = (self.x_masks | self.z_masks) != 0
        return self.part(others) if others.any() else PauliSum.from_masks(self.n_qubits, {(0, 0): 0.0})

    @property
    def is_diagonal(self) -> bool:
        """Whether no term contains an X or a Y."""
        return not self.x_masks.any()

    def diagonal(self) -> Float:
        """Return the part made of I and Z on the basis states, float64[2^n]."""
        from workers.quantum.simulation.ir.operator import diagonal

        return diagonal(self)

    def part(self, chosen: NDArray[np.bool_]) -> PauliSum:
        """Return the sum of the chosen terms; chosen: bool[terms]."""
        return PauliSum(self.n_qubits, self.x_masks[chosen], self.z_masks[chosen], self.coefficients[chosen])

    @cached_property
    def operator(self) -> Operator:
        """The sum prepared to act on full state vectors."""
        from workers.quantum.simulation.ir.operator import Operator

        return Operator(self)

    def apply(self, states: Complex) -> Complex:
        """Apply H to states: complex128[..., 2^n] -> a new array of that shape."""
        return self.operator.apply(states)

    def expectation(self, state: Complex) -> float:
        """Return <state|H|state> for state complex128[2^n]."""
        return _overlap(state, self.apply(state))

    def variance(self, state: Complex) -> float:
        """Return <H^2> - <H>^2, never below zero, for state complex128[2^n]."""
        from workers.quantum.simulation.ir.operator import image

        made = image(self, state)
        mean = np.vdot(state, made).real
        return max(0.0, float(np.vdot(made, made).real - mean * mean))


def _overlap(left: Complex, right: Complex) -> float:
    """Return the real part of <left|right>, summed in parts to limit the accumulation of rounding errors."""
    parts = range(0, left.size, SUMMED)
    return float(np.sum([np.vdot(left[k : k + SUMMED], right[k : k + SUMMED]).real for k in parts]))


def _checked(position: int, pair: Sequence[object]) -> tuple[str, float]:
    letters, number = pair if len(pair) == 2 else (None, None)
    if not isinstance(letters, str):
        raise PauliError(f"term {position}: expected [Pauli string, coefficient], got {pair!r}")
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise PauliError(f"term {position}: coefficient {number!r} is not a finite real number")
    if not letters:
        raise PauliError(f"term {position}: empty Pauli string")
    return letters, float(number)
