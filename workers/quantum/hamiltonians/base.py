"""The interface of Hamiltonians for ansaetze and objectives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from novacron.inputs.encoding import Encoding
from workers.quantum.hamiltonians.encoded import to_jordan_wigner
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Float
from workers.runtime.outcome import UserError


class HamiltonianError(UserError):
    """A Hamiltonian that cannot be built; names the field or line, the value and the rule."""


@dataclass(frozen=True, eq=False)
class Hamiltonian:
    """A Pauli sum with known properties.

    Attributes:
        operator: The sum; for fermions, in the encoding of `encoding`.
        n_electrons: Particle number of the wanted state, for fermions.
        reference: Determinant that fermionic ansaetze start from; character 2k is orbital or site k up, 2k +
            1 the same down, whatever the encoding.
        hopping: float64[sites, sites], the one-body part without interaction, for lattice fermions.
        disorder: float64[sites], a potential, opposite for the two spins, added to the free fermions that an
            ansatz starts from: it selects one of the states of a degenerate shell.
        e_hf: Energy of the reference, if there is one.
        e_exact: Ground-state energy, if known.
        encoding: Mapping of spin orbitals to qubits; None is Jordan-Wigner, spins interleaved.
        two_sz: Spin up minus spin down electrons of the wanted state; None if S_z is not conserved.
        doubts: Warnings about the reference.
    """

    operator: PauliSum
    n_electrons: int | None = None
    reference: str | None = None
    hopping: Float | None = None
    disorder: Float | None = None
    e_hf: float | None = None
    e_exact: float | None = None
    encoding: Encoding | None = None
    two_sz: int | None = None
    doubts: tuple[str, ...] = ()

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return self.operator.n_qubits

    @property
    def encoded(self) -> Encoding:
        """Mapping of spin orbitals to qubits."""
        return self.encoding or Encoding(self.n_qubits)

    @property
    def initial(self) -> int:
        """Basis index of the reference on the qubits; that of |0...0> if there is none."""
        return self.encoded.basis_state(self.reference or "")

    def jordan_wigner(self) -> Hamiltonian:
        """Return the same Hamiltonian with one qubit per spin orbital, spins interleaved."""
        if self.encoded.plain:
            return self
        operator = to_jordan_wigner(self.operator, self.encoded)
        return replace(self, operator=operator, encoding=Encoding(self.n_qubits))


def basis_energy(operator: PauliSum, index: int) -> float:
    """Return <b|H|b> for the basis state b of this index."""
    diagonal = operator.x_masks == 0
    signs = 1.0 - 2.0 * (np.bitwise_count(operator.z_masks[diagonal] & index) & 1)
    return float(np.dot(operator.coefficients[diagonal], signs))


def filled(n_orbitals: int, up: list[int], down: list[int]) -> str:
    """Return the bitstring with these orbitals occupied, spins interleaved."""
    occupied = {2 * k for k in up} | {2 * k + 1 for k in down}
    return "".join("1" if q in occupied else "0" for q in range(2 * n_orbitals))
