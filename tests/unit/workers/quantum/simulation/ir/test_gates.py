import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator

from workers.quantum.simulation.ir.gates import GATES, GateError, matrix

STANDARD = get_standard_gate_name_mapping()


@pytest.mark.parametrize("name", sorted(set(GATES) - {"gphase"}))
def test_matrices_are_those_of_the_standard_library(name: str) -> None:
    gate = GATES[name]
    angles = np.random.default_rng(1).uniform(-3, 3, gate.n_angles).tolist()
    circuit = QuantumCircuit(gate.n_qubits)
    circuit.append(type(STANDARD[name])(*angles), range(gate.n_qubits)[::-1])
    np.testing.assert_allclose(matrix(name, angles), Operator(circuit).data, atol=1e-14)


def test_global_phase() -> None:
    np.testing.assert_allclose(matrix("gphase", [0.5]), [[np.exp(0.5j)]])


def test_unknown_gates_and_wrong_numbers_of_angles_are_refused() -> None:
    with pytest.raises(GateError, match="unknown gate 'foo'"):
        matrix("foo")
    with pytest.raises(GateError, match="'rx' takes 1 angles, got 2"):
        matrix("rx", [1.0, 2.0])
