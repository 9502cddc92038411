"""Pauli terms that one setting of the measurement reads together.

Two strings commute qubit by qubit if on every qubit they have the same letter or one has I; terms that do are
measured together, after turning every qubit to its letter's basis.
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
        terms: positions of the terms, greatest coefficient first.
    """

    x: int
    z: int
    terms: list[int] = field(default_factory=list)

    def reads(self, x: int, z: int) -> bool:
        """Whether the term with these masks can be measured too."""
        return not ((x ^ self.x) | (z ^ self.z)) & (x | z) & (self.x | self.z)


def settings(masks: Sequence[tuple[int, int]], coefficients: Iterable[float]) -> list[Setting]:
    """Few settings for all terms but the identity: each term goes where it first fits, the greatest first.

    Args:
        masks: (x, z) of each term.
        coefficients: of each term; equal ones keep their order.

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
    """Shots of each setting after which the standard error of the sum is at most `precision`, in any state.

    What a setting reads lies within the sum of its coefficients' sizes: that squared bounds its variance.

    Args:
        precision: in the unit of the coefficients.
        groups: coefficients of the terms that each setting reads.

    Source: Crawford et al., Quantum 5, 385 (2021), section 2, with the bound in place of the variance.
    """
    bound = sum(sum(abs(one) for one in group) ** 2 for group in groups)
    return 1 + ceil(bound / precision**2)  # one more, for the variance is estimated from the shots as well
