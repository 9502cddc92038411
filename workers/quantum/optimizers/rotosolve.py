"""Rotosolve: minimises one parameter at a time, using the known sinusoidal dependence on it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from novacron.specs.optimizer import Rotosolve
from workers.quantum.objective import Frequencies, Vector
from workers.quantum.optimizers.base import Evaluate, Minimum

FLAT = 1e-12


def minimize(
    evaluate: Evaluate,
    x0: Vector,
    options: Rotosolve,
    rng: np.random.Generator,
    spectrum: Sequence[Frequencies],
) -> Minimum:
    """Minimise until a sweep over all parameters changes the value by less than `tolerance`.

    `spectrum` holds the frequencies of the objective in each parameter. One with R harmonics needs a batch of
    2 R + 1 evaluations, the first of them at the current point.

    Source: Ostaszewski, Grant, Benedetti, Quantum 5, 391 (2021), algorithm 1, for one harmonic; several,
    Wierichs et al., Quantum 6, 677 (2022), section 3.1.
    """
    last = options.iterations(x0.size)
    point = np.array(x0, dtype=np.float64)
    before = np.inf
    for sweep in range(1, last + 1):
        for index, frequencies in enumerate(spectrum):
            shifts = _shifts(frequencies)
            batch = [point + shift * np.eye(point.size)[index] for shift in shifts]
            values = [evaluation.value for evaluation in evaluate(batch, False)]
            point[index] += lowest(np.array(values)) / frequencies.spacing
        (end,) = evaluate([point], False)
        if abs(before - end.value) <= options.tolerance:
            return Minimum(point, end.value, sweep, True, "a sweep over all parameters changes nothing")
        before = end.value
    return Minimum(point, end.value, last, False, f"stopped after {last} sweeps")


def lowest(values: Vector) -> float:
    """Return the minimum of a trigonometric polynomial, in radians of its first frequency, in [-pi, pi].

    Args:
        values: float64[2 R + 1], its values at 2 pi k / (2 R + 1), R harmonics.
    """
    waves = np.fft.rfft(values) / values.size
    order = np.arange(waves.size)
    rising = 1j * order[1:] * waves[1:]
    # Rounding residues of vanishing harmonics would become a leading coefficient to divide by.
    rising[np.abs(rising) <= FLAT * np.abs(values).max() + np.finfo(np.float64).tiny] = 0.0
    # The derivative, a Laurent polynomial in z = exp(i t), vanishes at the stationary points.
    roots = np.roots(np.concatenate([rising[::-1], [0.0], rising.conj()]))
    places = np.append(0.0, np.angle(roots))
    heights = _heights(waves, places)
    good = places[heights <= heights.min() + FLAT * max(1.0, float(np.abs(values).max()))]
    return float(good[np.argmin(np.abs(good))])


def _heights(waves: NDArray[np.complex128], places: Vector) -> Vector:
    turned = np.exp(1j * np.outer(places, np.arange(1, waves.size))) * waves[1:]
    return np.asarray(2.0 * turned.real.sum(axis=1))


def _shifts(frequencies: Frequencies) -> Vector:
    size = 2 * frequencies.harmonics + 1
    return np.asarray(2.0 * np.pi / size * np.arange(size) / frequencies.spacing, dtype=np.float64)
