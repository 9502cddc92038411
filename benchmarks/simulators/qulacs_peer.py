"""The contests with Qulacs: its own adjoint differentiation (`backprop`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import qulacs

from benchmarks.endtoend.fermions import excitations, rotations
from benchmarks.simulators.circuits import Gate


def observable(n: int, terms: list[tuple[str, float]]) -> Any:
    made = qulacs.Observable(n)
    for letters, weight in terms:
        made.add_operator(weight, " ".join(f"{p} {q}" for q, p in enumerate(letters) if p != "I"))
    return made


def circuit(n: int, gates: list[Gate], theta: Any) -> Any:
    made = qulacs.ParametricQuantumCircuit(n)
    for name, qubits, number in gates:
        if name == "ry":
            made.add_parametric_RY_gate(qubits[0], -theta[number])
        elif name == "rz":
            made.add_parametric_RZ_gate(qubits[0], -theta[number])
        elif name == "u":
            made.add_dense_matrix_gate(qubits[0], number)
        else:
            (made.add_CNOT_gate if name == "cx" else made.add_CZ_gate)(*qubits)
    return made


def energy_and_gradient(n: int, gates: list[Gate], terms: list[tuple[str, float]], theta: Any) -> Any:
    """Return energy and gradient; angles are set at every call, as in a loop."""
    made, sum_of, state = circuit(n, gates, theta), observable(n, terms), qulacs.QuantumState(n)

    def run() -> tuple[float, Any]:
        for k, value in enumerate(theta):
            made.set_parameter(k, -value)
        state.set_zero_state()
        made.update_quantum_state(state)
        return sum_of.get_expectation_value(state), -np.array(made.backprop(sum_of))

    return run


def uccsd(data: dict[str, Any], theta: Any) -> Any:
    """Return energy and gradient with every excitation as its Pauli rotations."""
    n, sum_of = data["n_qubits"], observable(data["n_qubits"], data["terms"])
    made, owners, factors = qulacs.ParametricQuantumCircuit(n), [], []
    for qubit in range(data["n_electrons"]):
        made.add_X_gate(qubit)
    moves = excitations(n, data["n_electrons"])
    for number, (source, target) in enumerate(moves):
        for qubits, paulis, weight in rotations(source, target):
            made.add_parametric_multi_Pauli_rotation_gate(qubits, paulis, 0.0)
            owners.append(number)
            factors.append(-weight)
    owner, weights, state = np.array(owners), np.array(factors), qulacs.QuantumState(n)

    def run() -> tuple[float, Any]:
        for k, angle in enumerate(weights * theta[owner]):
            made.set_parameter(k, angle)
        state.set_zero_state()
        made.update_quantum_state(state)
        slopes = np.array(made.backprop(sum_of)) * weights
        return sum_of.get_expectation_value(state), np.bincount(owner, slopes, len(moves))

    return run


def zz_states(x: Any) -> Any:
    """Return squared overlaps of ZZ feature map states (two repetitions), one circuit per row."""
    n = x.shape[1]

    def state(row: Any) -> Any:
        made, result = qulacs.QuantumCircuit(n), qulacs.QuantumState(n)
        for _ in range(2):
            for q in range(n):
                made.add_H_gate(q)
            for q in range(n):
                made.add_RZ_gate(q, -2 * row[q])
            for b in range(n):
                for a in range(b):
                    angle = -2 * (np.pi - row[a]) * (np.pi - row[b])
                    made.add_multi_Pauli_rotation_gate([a, b], [3, 3], angle)
        made.update_quantum_state(result)
        return result.get_vector()

    def run() -> Any:
        states = np.array([state(row) for row in x])
        return np.abs(states.conj() @ states.T) ** 2

    return run
