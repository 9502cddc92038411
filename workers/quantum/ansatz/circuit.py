"""A user-defined circuit, with its parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from novacron.specs.ansatz import CircuitAnsatz
from shared.circuits.instruction import Affine, Angle, Gate, Instruction
from shared.circuits.validation import record_from_json
from workers.quantum.ansatz.base import Ansatz, AnsatzError, Parameter
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.simulation.ir.program import ProgramError
from workers.quantum.simulation.lowering.circuit_record import LoweringError, lower


def circuit(spec: CircuitAnsatz, hamiltonian: Hamiltonian) -> Ansatz:
    """Return the unitary circuit parsed by the scheduler; starting points are scattered around zero.

    Raises:
        AnsatzError: The circuit is not unitary, or its number of qubits differs from the Hamiltonian's.
    """
    if spec.circuit is None:
        raise AnsatzError("ansatz.qasm: a circuit is parsed at submission, and this one was not")
    record = record_from_json(spec.circuit)
    try:
        program = lower(record)
    except (LoweringError, ProgramError) as error:
        raise AnsatzError(f"ansatz.circuit: {error}") from error
    if program.n_qubits != hamiltonian.n_qubits:
        raise AnsatzError(
            f"ansatz.circuit: {program.n_qubits} qubits, the hamiltonian has {hamiltonian.n_qubits}"
        )
    center = np.zeros(program.n_parameters)
    parameters = tuple(Parameter(name, _entered(name, record.instructions)) for name in record.parameters)
    return Ansatz(program, parameters, center, first_spread=0.1, spread=1.0)


def _entered(name: str, instructions: Sequence[Instruction]) -> str:
    """Return the gates whose angles depend on a parameter, such as `rx(0.5 a + 0.1) on 2`."""
    gates = [
        f"{gate.name}({', '.join(map(_angle, gate.params))}) on {', '.join(map(str, gate.qubits))}"
        for gate in instructions
        if isinstance(gate, Gate)
        and any(isinstance(angle, Affine) and name in dict(angle.terms) for angle in gate.params)
    ]
    return "; ".join(gates) or "no gate"


def _angle(value: Angle) -> str:
    if not isinstance(value, Affine):
        return f"{value:.12g}"
    parts = [name if factor == 1.0 else f"{factor:.12g} {name}" for name, factor in value.terms]
    return " + ".join([*parts, *([f"{value.offset:.12g}"] if value.offset else [])])
