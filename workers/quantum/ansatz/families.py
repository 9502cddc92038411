"""Commuting families of a Hamiltonian's terms, and their exact evolutions."""

from __future__ import annotations

import numpy as np

from shared.quantum import commuting
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, DiagonalPhase, Op, PauliRotation, RXLayer


def families(operator: PauliSum) -> list[PauliSum]:
    """Partition the terms except the identity into commuting families; see `shared.quantum.commuting`."""
    strings = list(zip(operator.x_masks.tolist(), operator.z_masks.tolist(), strict=True))
    every = np.arange(len(strings))
    cut = commuting.families(strings, operator.coefficients.tolist())
    return [operator.part(np.isin(every, family)) for family in cut]


def evolution(family: PauliSum, parameter: int) -> list[Op]:
    """Return exp(-i theta F) for a commuting family F, as ops that share theta[parameter]."""
    if family.is_diagonal:
        return [DiagonalPhase(family.diagonal(), Angle.parameter(parameter))]
    field = uniform_x(family)
    if field is not None:
        return [RXLayer(Angle.parameter(parameter, 2.0 * field))]
    rows = zip(family.x_masks.tolist(), family.z_masks.tolist(), family.coefficients.tolist(), strict=True)
    return [PauliRotation(x, z, Angle.parameter(parameter, 2.0 * c)) for x, z, c in rows]


def uniform_x(family: PauliSum) -> float | None:
    """Return the common coefficient, if the family is X on every qubit with equal coefficients."""
    singles = sorted(family.x_masks.tolist()) == [1 << bit for bit in range(family.n_qubits)]
    equal = bool((family.coefficients == family.coefficients[0]).all())
    return float(family.coefficients[0]) if singles and equal and not family.z_masks.any() else None
