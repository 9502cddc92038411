"""The circuits of the table, and the map that they are compiled for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import networkx as nx
import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import random_unitary
from qiskit.synthesis.qft import synth_qft_full

from benchmarks.endtoend.fermions import excitations, rotations
from novacron.specs.refusal import validated
from shared.circuits.record import CircuitRecord
from shared.quantum.devices import Device
from workers.quantum.compiler.conversion import to_record

EDGES = (
    (0, 1), (1, 2), (1, 4), (2, 3), (3, 5), (4, 7), (5, 8), (6, 7), (7, 10), (8, 9), (8, 11), (10, 12),
    (11, 14), (12, 13), (12, 15), (13, 14), (14, 16), (15, 18), (16, 19), (17, 18), (18, 21), (19, 20),
    (19, 22), (21, 23), (22, 25), (23, 24), (24, 25), (25, 26),
)  # fmt: skip
"""The heavy-hex map of IBM's 27-qubit Falcon processors."""
BASIS = ["cx", "rz", "sx", "x"]
Y, Z = 2, 3
READ = [
    "cx", "cz", "cp", "rzz", "rxx", "swap", "h", "rz", "rx", "ry", "sx", "x", "u", "p", "z", "s", "sdg", "t",
    "tdg",
]  # fmt: skip


def falcon() -> Device:
    """Return the device with equal errors on all pairs."""
    told = {
        "name": "falcon 27", "provider": "none", "date": "2026-11-29", "basis_gates": BASIS,
        "qubits": [{}] * 27,
        "coupling": [list(pair) for a, b in EDGES for pair in ((a, b), (b, a))],
        "gates": [{"gate": "cx", "qubits": list(pair), "error": 0.01} for pair in EDGES],
    }  # fmt: skip
    return validated(Device, told)


def record(circuit: QuantumCircuit) -> CircuitRecord:
    """Return the record of a circuit, in gates that keep its structure."""
    plain = transpile(circuit, basis_gates=READ, optimization_level=0)
    n = circuit.num_qubits
    return to_record(plain, CircuitRecord(n, (), (), ()), range(n), n)


def qaoa() -> QuantumCircuit:
    """QAOA with p = 1 for a random 3-regular graph of 20 nodes."""
    circuit = QuantumCircuit(20)
    circuit.h(range(20))
    for a, b in nx.random_regular_graph(3, 20, seed=1).edges:
        circuit.rzz(0.7, a, b)
    circuit.rx(0.4, range(20))
    return circuit


def star() -> QuantumCircuit:
    """A GHZ state of 27 qubits, all controlled by the first."""
    circuit = QuantumCircuit(27)
    circuit.h(0)
    for k in range(1, 27):
        circuit.cx(0, k)
    return circuit


def pairs(generic: bool) -> QuantumCircuit:
    """Ten layers of random pairs of 27 qubits: CX, or random two-qubit unitaries."""
    rng, circuit = np.random.default_rng(1), QuantumCircuit(27)
    for _ in range(10):
        for qubit in range(27):
            circuit.u(*rng.random(3) * 6.28, qubit)
        order = rng.permutation(27).tolist()
        for a, b in zip(order[:-1:2], order[1::2], strict=False):
            if generic:
                circuit.unitary(random_unitary(4, seed=int(rng.integers(1 << 30))), [a, b])
            else:
                circuit.cx(a, b)
    return circuit


def uccsd() -> QuantumCircuit:
    """UCCSD of LiH: 92 excitations of 4 electrons on 12 qubits, each Pauli rotation with a ladder of CX."""
    rng, circuit = np.random.default_rng(1), QuantumCircuit(12)
    for excitation in excitations(12, 4):
        angle = float(rng.uniform(-0.1, 0.1))
        for qubits, paulis, weight in rotations(*excitation):
            ladder = QuantumCircuit(12)
            for qubit, pauli in zip(qubits, paulis, strict=True):
                if pauli == Y:
                    ladder.sdg(qubit)
                if pauli != Z:
                    ladder.h(qubit)
            for a, b in pairwise(qubits):
                ladder.cx(a, b)
            circuit.compose(ladder, inplace=True)
            circuit.rz(weight * angle, qubits[-1])
            circuit.compose(ladder.inverse(), inplace=True)
    return circuit


CIRCUITS: dict[str, Callable[[], QuantumCircuit]] = {
    "QFT-16 with swaps": lambda: synth_qft_full(16, do_swaps=True),
    "QAOA-20, p=1": qaoa,
    "GHZ-27, a star": star,
    "random, 27 qubits": lambda: random_circuit(27, 10, max_operands=2, seed=1),
    "10 layers of CX": lambda: pairs(generic=False),
    "10 layers of SU(4)": lambda: pairs(generic=True),
    "LiH UCCSD, 12 qubits": uccsd,
}
FREE_ORDER = frozenset({"LiH UCCSD, 12 qubits"})
"""Those whose Pauli rotations may be executed in any order: the order of excitations is a choice."""
