"""Grouping of Pauli terms into measurement settings.

Two strings commute qubit-wise if on every qubit they have the same letter or one has I; such terms are
measured together, after rotating every qubit to its letter's basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil


@dataclass(slots=True)
class Setting:
    """The letters measured, and the terms they cover.

    Attributes:
        x: mask of the qubits measured in X or Y; qubit q of n is bit n - 1 - q.
        z: mask of those measured in Z or Y.
        terms: positions of the terms, largest coefficient first.
    """

    x: int
    z: int
    terms: list[int] = field(default_factory=list)

    def reads(self, x: int, z: int) -> bool:
        """Return whether the term with these masks can be measured in this setting."""
        return not ((x ^ self.x) | (z ^ self.z)) & (x | z) & (self.x | self.z)


def settings(masks: Sequence[tuple[int, int]], coefficients: Iterable[float]) -> list[Setting]:
    """Group all terms but the identity greedily, largest coefficient first, into the first setting that fits.

    Args:
        masks: (x, z) of each term.
        coefficients: coefficient of each term; equal ones keep their order.

    Source: Verteletskyi, Yen, Izmaylov, J. Chem. Phys. 152, 124114 (2020), section II, greedy colouring.
    """
    sizes = [abs(coefficient) for coefficient in coefficients]
    found: list[Setting] = []
    for k in sorted(range(len(sizes)), key=lambda k: -sizes[k]):
        x, z = masks[k]
        if not x | z:
            continue
        fitting = next((setting for setting in found if setting.reads(x, z)), None)
        if fitting is None:
            found.append(fitting := Setting(0, 0))
        fitting.x, fitting.z = fitting.x | x, fitting.z | z
        fitting.terms.append(k)
    return found


def shots_for(precision: float, groups: Iterable[Iterable[float]]) -> int:
    """Return the shots per setting for a standard error of the sum of at most `precision`, in any state.

    The outcome of a setting is bounded by the sum of its coefficients' magnitudes, whose square bounds its
    variance.

    Args:
        precision: in the unit of the coefficients.
        groups: coefficients of the terms of each setting.

    Source: Crawford et al., Quantum 5, 385 (2021), section 2, with the bound in place of the variance.
    """
    bound = sum(sum(abs(one) for one in group) ** 2 for group in groups)
    return 1 + ceil(bound / precision**2)  # one more, since the variance is also estimated from the shots
