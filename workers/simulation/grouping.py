"""Pauli sums cut into groups that one measurement setting covers.

Two strings commute qubit by qubit if on every qubit they have the same letter or one has I; a group is
measured after turning every qubit to its letter's basis.

Source: Verteletskyi, Yen, Izmaylov, J. Chem. Phys. 152, 124114 (2020), section II, largest coefficient first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.simulation.gates import matrix
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Float, Unitary


@dataclass(frozen=True, eq=False)
class Group:
    """Terms measured together.

    Attributes:
        x: X mask of the setting: qubits measured in X or Y.
        z: Z mask of the setting: qubits measured in Z or Y.
        terms: The terms.
    """

    x: int
    z: int
    terms: PauliSum

    @property
    def weight(self) -> float:
        """Sum of the absolute coefficients: the group's share when shots are dealt out."""
        return float(np.abs(self.terms.coefficients).sum())

    def basis_change(self) -> tuple[Unitary, ...]:
        """Ops to append to a program so that a measurement of all qubits measures the group."""
        n_qubits = self.terms.n_qubits
        ops = []
        for qubit in range(n_qubits):
            bit = 1 << (n_qubits - 1 - qubit)
            if self.x & bit:
                turn = matrix("h") @ matrix("sdg") if self.z & bit else matrix("h")
                ops.append(Unitary((qubit,), turn))
        return tuple(ops)

    def values(self, samples: NDArray[np.int64]) -> Float:
        """The group's value for every sample.

        Args:
            samples: int64[shots], basis indices measured after `basis_change`.

        Returns:
            float64[shots].
        """
        total = np.zeros(len(samples))
        supports = (self.terms.x_masks | self.terms.z_masks).tolist()
        for support, coefficient in zip(supports, self.terms.coefficients.tolist(), strict=True):
            total += coefficient * (1.0 - 2.0 * (np.bitwise_count(samples & support) & 1))
        return total

    def estimate(self, samples: NDArray[np.int64]) -> tuple[float, float]:
        """Mean of the group's value, and the variance of that mean (0 for a single shot)."""
        values = self.values(samples)
        spread = float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0
        return float(values.mean()), spread


def groups(pauli_sum: PauliSum) -> list[Group]:
    """Greedy cover of all terms but the identity, which is `PauliSum.constant`."""
    xs, zs = pauli_sum.x_masks.tolist(), pauli_sum.z_masks.tolist()
    settings: list[tuple[int, int]] = []
    members: list[list[int]] = []
    for k in np.argsort(-np.abs(pauli_sum.coefficients), kind="stable").tolist():
        x, z = xs[k], zs[k]
        if not x | z:
            continue
        for i, (group_x, group_z) in enumerate(settings):
            common = (x | z) & (group_x | group_z)
            if not ((x ^ group_x) | (z ^ group_z)) & common:
                settings[i] = (group_x | x, group_z | z)
                members[i].append(k)
                break
        else:
            settings.append((x, z))
            members.append([k])
    every = np.arange(len(xs))
    return [
        Group(x, z, pauli_sum.part(np.isin(every, chosen)))
        for (x, z), chosen in zip(settings, members, strict=True)
    ]


def deal(shots: int, weights: Float) -> list[int]:
    """Shots for each group in proportion to its weight, at least one each.

    Largest remainders decide, ties by position; the sum is `shots` unless there are more groups than that.
    """
    exact = shots * weights / weights.sum()
    counts = np.maximum(np.floor(exact).astype(np.int64), 1)
    for k in np.argsort(np.floor(exact) - exact, kind="stable").tolist():
        if counts.sum() >= shots:
            break
        counts[k] += 1
    while counts.sum() > shots and counts.max() > 1:
        counts[int(counts.argmax())] -= 1
    return [int(count) for count in counts]
