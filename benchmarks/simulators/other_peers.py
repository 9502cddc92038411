"""QOKit, Aer and qsim, each for its strongest workload."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.simulators.circuits import Gate


def qokit_energy(n: int, edges: list[tuple[int, int]], angles: Any) -> tuple[str, Any]:
    """Return its fastest available simulator, and the loss."""
    from qokit.fur import QAOAFURXSimulator, QAOAFURXSimulatorC

    index = np.arange(1 << n)
    costs = -sum(((index >> a ^ index >> b) & 1).astype(float) for a, b in edges)
    gammas, betas = np.split(np.asarray(angles), 2)

    def energy(simulator: Any) -> Any:
        return simulator.get_expectation(simulator.simulate_qaoa(-2 * gammas, betas))

    compiled, plain = QAOAFURXSimulatorC(n, costs=costs), QAOAFURXSimulator(n, costs=costs)
    try:
        # The first run shows whether its C library was built.
        energy(compiled)
    except (ImportError, OSError):
        return "QOKit (NumPy)", partial(energy, plain)
    return "QOKit (C)", partial(energy, compiled)


def aer_state(n: int, gates: list[Gate], threads: int) -> Any:
    from qiskit import QuantumCircuit
    from qiskit.circuit.library import UnitaryGate
    from qiskit_aer import AerSimulator

    circuit = QuantumCircuit(n)
    for name, qubits, number in gates:
        at = [n - 1 - qubit for qubit in qubits]
        if name == "u":
            circuit.append(UnitaryGate(number), at)
        else:
            getattr(circuit, name)(*at)
    circuit.save_statevector()
    simulator = AerSimulator(method="statevector", max_parallel_threads=threads)
    return lambda: np.asarray(simulator.run(circuit, shots=1).result().data(0)["statevector"])


def qsim_state(n: int, gates: list[Gate], threads: int) -> Any:
    import cirq
    import qsimcirq

    line, operations = cirq.LineQubit.range(n), []
    for name, qubits, number in gates:
        gate = cirq.MatrixGate(number) if name == "u" else cirq.CZ if name == "cz" else cirq.CNOT
        operations.append(gate(*(line[qubit] for qubit in qubits)))
    options = qsimcirq.QSimOptions(cpu_threads=threads, max_fused_gate_size=4)
    simulator, circuit = qsimcirq.QSimSimulator(options), cirq.Circuit(operations)
    return lambda: simulator.simulate(circuit).final_state_vector
