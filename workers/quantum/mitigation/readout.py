"""Readout mitigation: the terms' values in each outcome, corrected by calibrated confusion matrices.

A corrector maps outcomes to values of the terms whose mean is free of readout errors, so that no vector of
2^n probabilities is inverted.

Sources: tensored and correlated inversion, Bravyi et al., Phys. Rev. A 103, 042605 (2021), section II;
twirled, van den Berg, Minev, Temme, Phys. Rev. A 105, 032620 (2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.quantum.mitigation.measurement import Bits, Histogram, Setting, products
from workers.quantum.simulation.ir.program import Float
from workers.quantum.simulation.ir.refusal import CircuitError

Calibration = Mapping[int, Histogram]
"""Outcomes of each prepared basis state."""
SIGNS = np.array([1.0, -1.0])
LEAST_CONTRAST = 0.05
"""Qubits whose readings depend less on their state carry no information."""


class UnreadableError(CircuitError):
    """A qubit whose readings hardly depend on its state."""


class Corrector(Protocol):
    """Values of terms in outcomes, for a calibration and bootstrap replicates of it."""

    def values(self, outcomes: Bits, setting: Setting) -> Float:
        """Return float64[R, k, n_terms] for outcomes uint8[k, n_letters]; R is 1 where replicates agree."""
        ...


class Uncorrected:
    """The readings as they are: the product of the bits' signs."""

    def values(self, outcomes: Bits, setting: Setting) -> Float:
        """See `Corrector`."""
        return products(SIGNS[outcomes], setting.supports)[None]


class Tensored:
    """Independent errors of each qubit.

    Args:
        confusions: float64[R, n_letters, 2, 2]: probability of each reading (last) by state.

    Raises:
        UnreadableError: a qubit's readings hardly depend on its state.
    """

    def __init__(self, confusions: Float) -> None:
        contrast = 1.0 - confusions[..., 0, 1] - confusions[..., 1, 0]
        if np.any(contrast[0] < LEAST_CONTRAST):
            worst = int(np.argmin(contrast[0]))
            zero, one = confusions[0, worst, :, 1]
            raise UnreadableError(
                f"readout: qubit {worst} reads 1 with probability {zero:.3g} in |0> and {one:.3g} in |1>, "
                "which cannot be inverted"
            )
        # Replicates of few shots may be unreadable where the calibration is not.
        confusions = np.where(contrast[..., None, None] < LEAST_CONTRAST, confusions[:1], confusions)
        # The vector v with sum over readings of confusion[state, reading] v[reading] = (-1)^state.
        signs = np.broadcast_to(SIGNS[:, None], (*contrast.shape, 2, 1))
        self._vectors = np.linalg.solve(confusions, signs)[..., 0]

    def values(self, outcomes: Bits, setting: Setting) -> Float:
        """See `Corrector`."""
        factors = self._vectors[:, np.arange(outcomes.shape[1]), outcomes]
        return products(factors, setting.supports)


class Correlated:
    """Errors of all qubits together.

    Args:
        confusions: float64[R, 2^n, 2^n]: probability of each outcome (last) by state.
    """

    def __init__(self, confusions: Float) -> None:
        self._confusions = confusions

    def values(self, outcomes: Bits, setting: Setting) -> Float:
        """See `Corrector`."""
        n = outcomes.shape[1]
        every = (np.arange(1 << n)[:, None] >> np.arange(n - 1, -1, -1) & 1).astype(np.uint8)
        corrected = np.linalg.solve(self._confusions, products(SIGNS[every], setting.supports)[None])
        return np.asarray(corrected[:, indices(outcomes)])


class Twirled:
    """Errors twirled by flips of random qubits, which leave each term an attenuation of its own.

    Args:
        outcomes: uint8[k, n_letters], of |0...0> with the flips undone.
        frequencies: float64[R, k].
    """

    def __init__(self, outcomes: Bits, frequencies: Float) -> None:
        self._outcomes, self._frequencies = outcomes, frequencies

    def values(self, outcomes: Bits, setting: Setting) -> Float:
        """See `Corrector`."""
        attenuations = self._frequencies @ products(SIGNS[self._outcomes], setting.supports)
        if np.any(attenuations[0] < LEAST_CONTRAST):
            raise UnreadableError("readout: a term's attenuation is too small to be divided by")
        kept = np.where(attenuations < LEAST_CONTRAST, attenuations[:1], attenuations)
        return products(SIGNS[outcomes], setting.supports) / kept[:, None]


def indices(outcomes: Bits) -> NDArray[np.int64]:
    """Return the basis index of each outcome, letter 0 the most significant bit."""
    n = outcomes.shape[1]
    return np.asarray(outcomes.astype(np.int64) @ (1 << np.arange(n - 1, -1, -1)))


def states(method: str, n_letters: int, flips: Sequence[int]) -> tuple[int, ...]:
    """Return the basis states whose preparation calibrates a method."""
    if method == "correlated":
        return tuple(range(1 << n_letters))
    return (0, (1 << n_letters) - 1) if method == "tensored" else tuple(dict.fromkeys(flips))


def corrector(method: str, calibration: Calibration, n: int, rng: np.random.Generator) -> Corrector:
    """Return the corrector of a calibration, with n bootstrap replicates after it.

    Raises:
        UnreadableError: some readings carry no information.
    """
    if method == "tensored":
        zeros, ones = (_read(one, n, rng) for one in calibration.values())
        rows = [np.stack([1.0 - p, p], axis=-1) for p in (zeros, ones)]
        return Tensored(np.stack(rows, axis=-2))
    drawn = {state: one.resampled(n, rng) for state, one in calibration.items()}
    if method == "twirled":
        turned = [one.flipped(state) for state, one in calibration.items()]
        frequencies = np.concatenate([*drawn.values()], axis=1) / len(turned)
        return Twirled(np.concatenate([one.outcomes for one in turned]), frequencies)
    size = 1 << next(iter(calibration.values())).outcomes.shape[1]
    confusions = np.zeros((1 + n, size, size))
    for state, one in calibration.items():
        confusions[:, state, indices(one.outcomes)] = drawn[state]
    return Correlated(confusions)


def _read(one: Histogram, n: int, rng: np.random.Generator) -> Float:
    """Return float64[1 + n, n_letters], the probability of reading 1, then n draws from its posterior.

    Resampled outcomes would never have errors that no shot had; Jeffreys' prior has. Source: Brown, Cai,
    DasGupta, Stat. Sci. 16, 101 (2001), section 3.1.
    """
    found = one.weights @ one.outcomes / one.weights.sum()
    if one.shots is None:
        return np.broadcast_to(found, (1 + n, found.size))
    ones = found * one.shots
    drawn = rng.beta(ones + 0.5, one.shots - ones + 0.5, size=(n, found.size))
    return np.concatenate([found[None], drawn])
