"""Measurement settings of all terms of some observables, and the terms' values in their outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.quantum.measurement import settings
from workers.quantum.backends.batch import Terms
from workers.quantum.simulation.ir.pauli import masks
from workers.quantum.simulation.ir.program import Float

Bits = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Histogram:
    """Outcomes of one circuit.

    Attributes:
        outcomes: uint8[k, n_letters], distinct.
        weights: float64[k]: counts, or exact probabilities.
        shots: number of shots, None for exact probabilities.
    """

    outcomes: Bits
    weights: Float
    shots: int | None

    @classmethod
    def of(cls, listed: Mapping[str, float], shots: int | None) -> Histogram:
        """Return the histogram of outcome strings, character i the bit of letter i."""
        text = "".join(listed).encode()
        outcomes = np.frombuffer(text, dtype=np.uint8).reshape(len(listed), -1) - np.uint8(ord("0"))
        return cls(outcomes, np.array(list(listed.values()), dtype=np.float64), shots)

    def joined(self, other: Histogram) -> Histogram:
        """Return the shots of both, of the same circuit; exact probabilities stay as they are."""
        if self.shots is None or other.shots is None:
            return self
        rows, inverse = np.unique(
            np.concatenate([self.outcomes, other.outcomes]), axis=0, return_inverse=True
        )
        weights = np.bincount(inverse.reshape(-1), np.concatenate([self.weights, other.weights]), len(rows))
        return Histogram(rows, weights, self.shots + other.shots)

    def flipped(self, flips: int) -> Histogram:
        """Return the outcomes with some letters' bits inverted; letter i of n is bit n - 1 - i."""
        if not flips:
            return self
        n = self.outcomes.shape[1]
        pattern = np.array([flips >> (n - 1 - k) & 1 for k in range(n)], dtype=np.uint8)
        return Histogram(self.outcomes ^ pattern, self.weights, self.shots)

    def resampled(self, n: int, rng: np.random.Generator) -> Float:
        """Return float64[1 + n, k]: the relative frequencies, then n bootstrap replicates of them.

        Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 6.2.
        """
        frequencies = self.weights / self.weights.sum()
        if self.shots is None:
            return np.broadcast_to(frequencies, (1 + n, frequencies.size))
        drawn = rng.multinomial(self.shots, frequencies, size=n) / self.shots
        return np.concatenate([frequencies[None], drawn])


@dataclass(frozen=True, eq=False)
class Setting:
    """One basis in which terms are measured together.

    Attributes:
        letters: basis of each qubit; I where it does not matter.
        terms: positions of the terms.
        supports: bool[len(terms), n_letters], the qubits of each.
    """

    letters: str
    terms: tuple[int, ...]
    supports: NDArray[np.bool_]


class Observables:
    """Some sums of Pauli strings with their terms in common.

    Attributes:
        strings: the distinct strings but the identity, in order of occurrence.
        coefficients: float64[n_observables, n_terms].
        constants: float64[n_observables], coefficient of the identity: the trace over 2^n.
        settings: the measurement settings.
    """

    def __init__(self, observables: Sequence[Terms]) -> None:
        places: dict[str, int] = {}
        for terms in observables:
            for string, _ in terms:
                if string.strip("I"):
                    places.setdefault(string, len(places))
        self.strings = tuple(places)
        self.coefficients = np.zeros((len(observables), len(places)))
        self.constants = np.zeros(len(observables))
        for row, terms in enumerate(observables):
            for string, coefficient in terms:
                if string in places:
                    self.coefficients[row, places[string]] += coefficient
                else:
                    self.constants[row] += coefficient
        sizes = np.abs(self.coefficients).sum(axis=0)
        self.settings = tuple(self._setting(one.terms) for one in settings(list(map(masks, places)), sizes))

    def __len__(self) -> int:
        return len(self.constants)

    def _setting(self, terms: Sequence[int]) -> Setting:
        strings = [self.strings[k] for k in terms]
        columns = [{one for one in column if one != "I"} for column in zip(*strings, strict=True)]
        letters = "".join(column.pop() if column else "I" for column in columns)
        supports = np.array([[letter != "I" for letter in string] for string in strings], dtype=bool)
        return Setting(letters, tuple(terms), supports)

    def energies(self, means: Float) -> Float:
        """Return float64[..., n_observables] from the terms' means float64[..., n_terms]."""
        return self.constants + means @ self.coefficients.T

    @property
    def spreads(self) -> Float:
        """Greatest distance of each observable from its constant: the sum of its coefficients' magnitudes."""
        found: Float = np.abs(self.coefficients).sum(axis=1)
        return found


def products(factors: Float, supports: NDArray[np.bool_]) -> Float:
    """Return float64[..., k, n_terms], the product of each outcome's factors over each term's qubits.

    Args:
        factors: float64[..., k, n_letters].
        supports: bool[n_terms, n_letters].
    """
    found = np.ones((*factors.shape[:-1], len(supports)))
    for qubit in range(factors.shape[-1]):
        members = supports[:, qubit]
        if members.any():
            found[..., members] *= factors[..., qubit, None]
    return found
