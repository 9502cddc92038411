"""Programs as standard gates, against their definitions and through Qiskit's readers."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import qasm3, qpy
from qiskit.quantum_info import Statevector

from shared.circuits.qasm3.writer import to_qasm3
from shared.circuits.qiskit_circuit import to_qpy
from shared.circuits.record import CircuitRecord
from tests.unit.workers.quantum.simulation import programs
from tests.unit.workers.quantum.simulation.reference import final_state
from workers.quantum.simulation.ir.program import Angle, DiagonalPhase, Excitation, Program
from workers.quantum.simulation.lowering.standard_gates import gates, strings, z_strings

ANGLE = Angle.parameter(0)


def loaded(program: Program, theta: Any) -> list[Any]:
    """The state that Qiskit gives to what is written, from each format, qubit 0 the most significant bit."""
    record = CircuitRecord(program.n_qubits, (), (), tuple(gates(program, theta)))
    circuits = [qasm3.loads(to_qasm3(record, ["a remark"])), qpy.load(io.BytesIO(to_qpy(record)))[0]]
    return [Statevector(circuit.reverse_bits()).data for circuit in circuits]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5))
def test_what_is_written_prepares_the_same_state_in_qiskit(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    ops = [programs.op(rng, n, 3) for _ in range(6)]
    small = [op for op in ops if len(getattr(op, "qubits", ())) <= 4]
    program, theta = Program(n, 3, tuple(small), int(rng.integers(2**n))), rng.uniform(-3, 3, 3)
    expected = final_state(program, theta)
    for state in loaded(program, theta):
        assert abs(abs(np.vdot(state, expected)) - 1.0) < 1e-9


@pytest.mark.parametrize(
    "sources, targets", [((0,), (3,)), ((1, 0), (3, 5)), ((4,), (0,)), ((0, 2, 4), (1, 5, 3))]
)
def test_an_excitation_is_a_product_of_strings_that_commute(sources: Any, targets: Any) -> None:
    op = Excitation(sources, targets, ANGLE)
    found = strings(op, 6)
    assert len(found) == 2 ** (2 * len(sources) - 1)
    for x, z, _ in found:
        for u, v, _ in found:
            assert ((x & v).bit_count() + (z & u).bit_count()) % 2 == 0
    occupied = sum(1 << (5 - q) for q in sources)
    program = Program(6, 1, (op,), occupied)
    expected = final_state(program, [0.7])
    for state in loaded(program, np.array([0.7])):
        assert abs(abs(np.vdot(state, expected)) - 1.0) < 1e-12


def test_a_diagonal_has_as_many_strings_as_terms() -> None:
    signs = 1.0 - 2.0 * np.array([[index >> 2 & 1, index >> 1 & 1, index & 1] for index in range(8)])
    diagonal = 3.0 - 1.5 * signs[:, 0] * signs[:, 2] + 0.25 * signs[:, 1]
    assert z_strings(diagonal) == [(0, 3.0), (0b010, 0.25), (0b101, -1.5)]
    assert gates(Program(3, 1, (DiagonalPhase(np.zeros(8), ANGLE),)), np.array([1.0])) == []
