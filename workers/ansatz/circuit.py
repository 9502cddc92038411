"""The user's own circuit, with its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from workers.ansatz.base import Ansatz, AnsatzError
from workers.hamiltonians.base import Hamiltonian
from workers.simulation.lowering import LoweringError, lower
from workers.simulation.program import ProgramError


def circuit(spec: Mapping[str, Any], hamiltonian: Hamiltonian) -> Ansatz:
    """The unitary circuit record in spec["circuit"]; starts are scattered around zero.

    Raises:
        AnsatzError: The circuit is not unitary, or has another number of qubits than the Hamiltonian.
    """
    record = spec["circuit"]
    try:
        program = lower(record)
    except (LoweringError, ProgramError) as error:
        raise AnsatzError(f"ansatz.circuit: {error}") from error
    if program.n_qubits != hamiltonian.n_qubits:
        raise AnsatzError(
            f"ansatz.circuit: {program.n_qubits} qubits, the hamiltonian has {hamiltonian.n_qubits}"
        )
    center = np.zeros(program.n_parameters)
    return Ansatz(program, tuple(record["parameters"]), center, first_spread=0.1, spread=1.0)
