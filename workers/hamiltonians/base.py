"""What a Hamiltonian is to an ansatz and an objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workers.outcome import UserError
from workers.simulation.pauli import PauliSum
from workers.simulation.program import Float


class HamiltonianError(UserError):
    """A Hamiltonian that cannot be built: which field or line, which value, which rule."""


@dataclass(frozen=True, eq=False)
class Hamiltonian:
    """A Pauli sum and what is known about it.

    Attributes:
        operator: The sum; for fermions, Jordan-Wigner, qubit 2k = orbital or site k up, 2k+1 down.
        n_electrons: Particle number, for fermions.
        reference: Basis state that fermionic ansaetze start from, character i = qubit i.
        hopping: float64[sites, sites], the one-body part without interaction, for lattice fermions.
        e_hf: Energy of the Hartree-Fock state, where it is one.
        e_exact: Ground-state energy, where it is known.
    """

    operator: PauliSum
    n_electrons: int | None = None
    reference: str | None = None
    hopping: Float | None = None
    e_hf: float | None = None
    e_exact: float | None = None

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return self.operator.n_qubits


def basis_energy(operator: PauliSum, bitstring: str) -> float:
    """<b|H|b> for the basis state b with these bits, character i = qubit i."""
    index = int(bitstring, 2)
    diagonal = operator.x_masks == 0
    signs = 1.0 - 2.0 * (np.bitwise_count(operator.z_masks[diagonal] & index) & 1)
    return float(np.dot(operator.coefficients[diagonal], signs))


def filled(n_orbitals: int, up: list[int], down: list[int]) -> str:
    """The bitstring with these orbitals occupied, spins interleaved."""
    occupied = {2 * k for k in up} | {2 * k + 1 for k in down}
    return "".join("1" if q in occupied else "0" for q in range(2 * n_orbitals))


def bonds(n_sites: int, periodic: bool) -> list[tuple[int, int]]:
    """Neighbours on a chain, each bond once; a ring closes from three sites on."""
    chain = [(site, site + 1) for site in range(n_sites - 1)]
    return [*chain, (n_sites - 1, 0)] if periodic and n_sites > 2 else chain
