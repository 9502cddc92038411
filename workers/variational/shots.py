"""Energies from samples: terms that can be read from one measurement, grouped, measured and added up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.simulation.pauli import PauliSum
from workers.simulation.program import Complex, Float


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
    """The terms of an observable, its constant aside, in few groups: greatest first, where they first fit.

    Source: Verteletskyi, Yen, Izmaylov, J. Chem. Phys. 152, 124114 (2020), section II, greedy colouring.
    """
    bins: list[tuple[int, int, list[int]]] = []
    order = sorted(range(observable.coefficients.size), key=lambda k: (-abs(observable.coefficients[k]), k))
    for k in order:
        x, z = int(observable.x_masks[k]), int(observable.z_masks[k])
        if not x | z:
            continue
        for position, (bin_x, bin_z, members) in enumerate(bins):
            shared = (x | z) & (bin_x | bin_z)
            if not (x ^ bin_x) & shared and not (z ^ bin_z) & shared:
                bins[position] = (x | bin_x, z | bin_z, [*members, k])
                break
        else:
            bins.append((x, z, [k]))
    return [_group(observable, x, z, members) for x, z, members in bins]


def _group(observable: PauliSum, x: int, z: int, members: list[int]) -> Group:
    supports = observable.x_masks[members] | observable.z_masks[members]
    return Group(x, x & z, supports, observable.coefficients[members])


def sample_group(state: Complex, group: Group, shots: int, rng: np.random.Generator) -> tuple[float, float]:
    """The mean of a group over `shots` measurements of state[2^n], and the variance of that mean.

    Both are unbiased; one shot has no variance of its own and reports 0.
    """
    rotated = _in_basis(state, group)
    cumulative = np.cumsum(rotated.real**2 + rotated.imag**2)
    draws = np.searchsorted(cumulative, rng.random(shots) * cumulative[-1], side="right")
    outcomes, counts = np.unique(draws, return_counts=True)
    signs = 1.0 - 2.0 * (np.bitwise_count(outcomes[:, None] & group.supports) & 1)
    values = (signs * group.coefficients).sum(axis=1)
    mean = float((counts * values).sum() / shots)
    spread = float((counts * (values - mean) ** 2).sum())
    return mean, spread / max(shots - 1, 1) / shots


def _in_basis(state: Complex, group: Group) -> Complex:
    n = state.size.bit_length() - 1
    rotated = state.copy()
    for q in range(n):
        bit = 1 << (n - 1 - q)
        if group.x & bit:
            pairs = rotated.reshape(2**q, 2, -1)
            low, high = pairs[:, 0].copy(), pairs[:, 1] * (-1j if group.y & bit else 1.0)
            pairs[:, 0], pairs[:, 1] = (low + high) * 0.5**0.5, (low - high) * 0.5**0.5
    return rotated
