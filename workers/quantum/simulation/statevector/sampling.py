"""Expectation values from samples: terms grouped by measurement setting, measured and summed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.quantum.measurement import Setting, settings
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Complex, Float


@dataclass(frozen=True)
class Group:
    """Qubit-wise commuting terms, measured together.

    Attributes:
        x: qubits measured in the X or the Y basis, as a mask; qubit q of n is bit n - 1 - q.
        y: those of them measured in the Y basis.
        supports: for each term the qubits whose outcomes it multiplies, int64[terms].
        coefficients: float64[terms].
    """

    x: int
    y: int
    supports: NDArray[np.int64]
    coefficients: Float


def groups(observable: PauliSum) -> list[Group]:
    """Return the terms of an observable, except its constant, in few groups."""
    masks = zip(observable.x_masks.tolist(), observable.z_masks.tolist(), strict=True)
    return [_group(observable, setting) for setting in settings(list(masks), observable.coefficients)]


def _group(observable: PauliSum, setting: Setting) -> Group:
    supports = observable.x_masks[setting.terms] | observable.z_masks[setting.terms]
    return Group(setting.x, setting.x & setting.z, supports, observable.coefficients[setting.terms])


def sample_group(state: Complex, group: Group, shots: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the mean of a group over `shots` measurements of state[2^n], and the variance of that mean.

    Both are unbiased; a single shot has no variance estimate, and 0 is returned.
    """
    from workers.quantum.simulation.cpu.terms_sampled import draw

    # Normalised sums of exponential gaps are sorted uniform draws: the outcomes are found in one pass.
    ends = np.cumsum(rng.standard_exponential(shots + 1))
    amplitudes = np.ascontiguousarray(state, dtype=np.complex128)
    values = draw(amplitudes, group.x, group.y, ends[:-1] / ends[-1], group.supports, group.coefficients)
    mean = float(values.sum() / shots)
    spread = float(np.square(values - mean).sum())
    return mean, spread / max(shots - 1, 1) / shots
