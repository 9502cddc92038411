"""The contests with PennyLane Lightning: its compiled adjoint differentiation, called on a prepared tape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
from pennylane.devices import ExecutionConfig

from benchmarks.simulators.circuits import Gate

ADJOINT = ExecutionConfig(gradient_method="adjoint")


def _operation(gate: Gate, theta: Any) -> Any:
    name, qubits, number = gate
    if name in ("ry", "rz"):
        return (qml.RY if name == "ry" else qml.RZ)(theta[number], qubits[0])
    if name == "u":
        return qml.QubitUnitary(number, qubits[0])
    return (qml.CNOT if name == "cx" else qml.CZ)(list(qubits))


def hamiltonian(terms: list[tuple[str, float]]) -> Any:
    words = [qml.pauli.string_to_pauli_word(letters) for letters, _ in terms]
    return qml.Hamiltonian([weight for _, weight in terms], words)


def energy_and_gradient(n: int, gates: list[Gate], terms: list[tuple[str, float]], theta: Any) -> Any:
    operations = [_operation(gate, theta) for gate in gates]
    return _run(n, operations, terms)


def _run(n: int, operations: list[Any], terms: list[tuple[str, float]]) -> Any:
    device = qml.device("lightning.qubit", wires=n)
    script = qml.tape.QuantumScript(operations, [qml.expval(hamiltonian(terms))])
    # The coefficients of the Hamiltonian would also count as parameters.
    script.trainable_params = list(range(sum(op.num_params for op in operations)))

    def run() -> tuple[float, Any]:
        values, slopes = device.execute_and_compute_derivatives((script,), ADJOINT)
        return float(values[0]), np.array([float(slope) for slope in slopes[0]])

    return run


def state(n: int, gates: list[Gate]) -> Any:
    device = qml.device("lightning.qubit", wires=n)
    script = qml.tape.QuantumScript([_operation(gate, ()) for gate in gates], [qml.state()])
    return lambda: device.execute((script,))[0]


def qaoa_gradient(n: int, edges: list[tuple[int, int]], angles: Any) -> Any:
    """Return the loss and its gradient by the gammas and betas, accumulated from those by each gate."""
    layers = len(angles) // 2
    operations: list[Any] = [qml.Hadamard(q) for q in range(n)]
    owners, factors = [], []
    for k in range(layers):
        operations += [qml.IsingZZ(-angles[k], [a, b]) for a, b in edges]
        operations += [qml.RX(2 * angles[layers + k], q) for q in range(n)]
        owners += [k] * len(edges) + [layers + k] * n
        factors += [-1.0] * len(edges) + [2.0] * n
    pairs = [("".join("Z" if q in edge else "I" for q in range(n)), 0.5) for edge in edges]
    run_all = _run(n, operations, [("I" * n, -0.5 * len(edges)), *pairs])

    def run() -> tuple[float, Any]:
        value, slopes = run_all()
        return value, np.bincount(owners, slopes * factors, 2 * layers)

    return run
