"""Families of mutually commuting Pauli strings, in the order in which trial states evolve under them."""

from __future__ import annotations

from collections.abc import Sequence

Mask = tuple[int, int]
"""(x, z) of a Pauli string."""


def families(strings: Sequence[Mask], coefficients: Sequence[float]) -> list[list[int]]:
    """Partition the strings, except the identity and those with coefficient 0, into families of positions.

    The diagonal strings are the first family. The others, those with the leftmost support first, join the
    first family they commute with; on a chain this separates even from odd bonds.
    """
    present = [k for k, value in enumerate(coefficients) if value]
    members = [[k for k in present if not strings[k][0] and strings[k][1]]]
    moving = [k for k in present if strings[k][0]]
    for k in sorted(moving, key=lambda k: -(strings[k][0] | strings[k][1])):
        for family in members[1:]:
            if all(commute(strings[k], strings[m]) for m in family):
                family.append(k)
                break
        else:
            members.append([k])
    return [family for family in members if family]


def commute(one: Mask, other: Mask) -> bool:
    """Return whether two strings commute: they anticommute on an even number of qubits."""
    return ((one[0] & other[1]).bit_count() + (one[1] & other[0]).bit_count()) % 2 == 0
