"""Records written for other software, and read back by Qiskit and by our own reader."""

import io
import math
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm3, qpy
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator

from novacron.errors import BadInput
from shared.circuits.gates import GATES
from shared.circuits.instruction import Affine, Barrier, Gate, If, Measure, Reset, Unitary
from shared.circuits.matrix import matrix_of
from shared.circuits.qasm3.writer import to_qasm3
from shared.circuits.qiskit_circuit import to_qiskit, to_qpy
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from workers.quantum.simulation.circuits.simulator import probabilities

ANGLES = (0.1 + math.pi / 4, -2.3, 1e-7, 3 * math.pi)


def record(*instructions: Any, n: int = 3, bits: int = 0) -> CircuitRecord:
    return CircuitRecord(n, (), (("c", bits),) if bits else (), instructions)


def distance(circuit: QuantumCircuit, expected: Any) -> float:
    """From a unitary, whatever the global phase; qubit 0 is the most significant bit of both."""
    found = Operator(circuit.reverse_bits()).data
    return float(1.0 - abs(np.trace(found.conj().T @ expected)) / len(expected))


def unitary_of(written: CircuitRecord) -> Any:
    circuit = to_qiskit(written)
    return Operator(circuit.reverse_bits()).data


@pytest.mark.parametrize("name", GATES)
def test_every_gate_is_read_back_as_it_was(name: str) -> None:
    n_qubits, n_angles = GATES[name]
    gate = Gate(name, (2, 0, 1)[:n_qubits], ANGLES[:n_angles])
    written = record(Gate("h", (0,)), Gate("rx", (1,), (0.3,)), gate, Gate("cx", (0, 2)))
    expected = unitary_of(written)
    text = to_qasm3(written, ["two\nlines"])
    assert "// two\n// lines\n" in text
    assert distance(qasm3.loads(text), expected) < 1e-14
    assert distance(qpy.load(io.BytesIO(to_qpy(written)))[0], expected) < 1e-14
    assert abs(abs(np.trace(unitary_of(read(text)).conj().T @ expected)) / 8 - 1.0) < 1e-14


def test_a_matrix_keeps_the_order_of_its_qubits() -> None:
    angles = np.random.default_rng(4).normal(size=(4, 4)) + 1j * np.random.default_rng(5).normal(size=(4, 4))
    dense = np.linalg.qr(angles)[0]
    written = record(Unitary((0, 1), tuple(tuple(row) for row in dense.tolist())), n=2)
    assert np.allclose(unitary_of(written), dense)
    assert distance(qasm3.loads(to_qasm3(written)), dense) < 1e-13
    assert np.allclose(matrix_of(Gate("cx", (0, 1))), unitary_of(record(Gate("cx", (0, 1)), n=2)))


def test_measurements_resets_and_conditions_are_read_back() -> None:
    whole = If((0, 1, 2), 0b001, (Gate("x", (2,)), Measure(2, 2)))
    branch = If((0, 1), 0b01, (Gate("x", (2,)), Reset(0), whole), (Gate("ry", (2,), (0.8,)),))
    written = record(
        Gate("ry", (0,), (1.1,)), Gate("h", (1,)), Barrier((0, 1)), Measure(0, 0), Measure(1, 1), branch,
        Measure(2, 2), whole, bits=3,
    )  # fmt: skip
    text = to_qasm3(written)
    assert "if (c[0]) {\n  if (!c[1]) {\n" in text and "if (c == 1) {" in text
    expected = probabilities(written)
    assert probabilities(read(text)) == pytest.approx(expected, abs=1e-14)
    simulator = AerSimulator(seed_simulator=3)
    for circuit in (qasm3.loads(text), qpy.load(io.BytesIO(to_qpy(written)))[0]):
        counts = simulator.run(circuit, shots=20_000).result().get_counts()
        for bits, probability in expected.items():
            assert counts.get(bits[::-1], 0) / 20_000 == pytest.approx(probability, abs=0.02)


def test_a_free_parameter_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="theta"):
        to_qasm3(record(Gate("rx", (0,), (Affine((("theta", 1.0),)),))))


def test_bits_in_memory_have_a_register_of_a_free_name() -> None:
    written = CircuitRecord(
        2,
        (),
        (("memory", 1),),
        (Gate("x", (0,)), Measure(0, 1), If((1,), 1, (Gate("x", (1,)),)), Measure(1, 0)),
        1,
    )
    text = to_qasm3(written)
    assert "bit[1] memory;\nbit[1] memory_0;\n" in text and "memory_0[0] = measure q[0];" in text
    counts = AerSimulator().run(qpy.load(io.BytesIO(to_qpy(written)))[0], shots=5).result().get_counts()
    assert counts == {"1 1": 5}


@pytest.mark.parametrize("write", [to_qasm3, to_qpy])
def test_what_has_no_counterpart_is_refused_by_what_it_does(write: Any) -> None:
    loop = read("OPENQASM 3.0; qubit q; bit c; c = measure q; while (c) { reset q; c = measure q; }")
    with pytest.raises(
        BadInput, match=r"a loop that depends on a measurement|a computation with classical bits"
    ):
        write(loop)
