"""Commuting families of a Hamiltonian's terms, and their exact evolutions."""

from __future__ import annotations

import numpy as np

from workers.simulation.pauli import PauliSum
from workers.simulation.program import Angle, DiagonalPhase, Op, PauliRotation, RXLayer


def families(operator: PauliSum) -> list[PauliSum]:
    """The terms but the identity, cut into families whose members commute with each other.

    The diagonal terms are the first family. The others, those with the leftmost support first, join the first
    family they commute with; on a chain this parts even from odd bonds.
    """
    xs, zs = operator.x_masks.tolist(), operator.z_masks.tolist()
    members = [[k for k in range(len(xs)) if not xs[k] and zs[k]]]
    rest = [k for k in range(len(xs)) if xs[k]]
    for k in sorted(rest, key=lambda k: -(xs[k] | zs[k])):
        for family in members[1:]:
            if all(_commute(xs[k], zs[k], xs[m], zs[m]) for m in family):
                family.append(k)
                break
        else:
            members.append([k])
    every = np.arange(len(xs))
    return [operator.part(np.isin(every, family)) for family in members if family]


def evolution(family: PauliSum, parameter: int) -> list[Op]:
    """exp(-i theta F) for a commuting family F, as ops that share theta[parameter]."""
    if family.is_diagonal:
        return [DiagonalPhase(family.diagonal(), Angle.parameter(parameter))]
    field = uniform_x(family)
    if field is not None:
        return [RXLayer(Angle.parameter(parameter, 2.0 * field))]
    rows = zip(family.x_masks.tolist(), family.z_masks.tolist(), family.coefficients.tolist(), strict=True)
    return [PauliRotation(x, z, Angle.parameter(parameter, 2.0 * c)) for x, z, c in rows]


def uniform_x(family: PauliSum) -> float | None:
    """The common coefficient, if the family is X on every qubit with equal coefficients."""
    singles = sorted(family.x_masks.tolist()) == [1 << bit for bit in range(family.n_qubits)]
    equal = bool((family.coefficients == family.coefficients[0]).all())
    return float(family.coefficients[0]) if singles and equal and not family.z_masks.any() else None


def _commute(x: int, z: int, u: int, v: int) -> bool:
    return ((x & v).bit_count() + (z & u).bit_count()) % 2 == 0
