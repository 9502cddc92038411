"""Unitary coupled cluster with singles and doubles, as a product of excitation rotations.

Source: Romero et al., Quantum Sci. Technol. 4, 014008 (2018), section 2; doubles act first, which needs fewer
evaluations and reaches lower energies (Grimsley et al., J. Chem. Theory Comput. 16, 1 (2020), on operator
order).
"""

from __future__ import annotations

import numpy as np

from workers.quantum.ansatz.base import Ansatz, Parameter
from workers.quantum.ansatz.pool import operator_name, pool, program
from workers.quantum.hamiltonians.base import Hamiltonian


def uccsd(hamiltonian: Hamiltonian) -> Ansatz:
    """Apply doubles, then singles, to the Hartree-Fock state; conserves particle number and spin projection.

    Raises:
        AnsatzError: The Hamiltonian has no electrons.
    """
    chosen = pool("uccsd", "singles_doubles", hamiltonian)
    labels = [operator_name(pair) for pair in chosen]
    parameters = tuple(Parameter(label, label) for label in labels)
    return Ansatz(program(hamiltonian, chosen), parameters, np.zeros(len(chosen)), spread=0.05)
