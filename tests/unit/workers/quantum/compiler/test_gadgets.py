"""Circuits read as Pauli rotations, synthesised anew, and what may be reordered."""

from dataclasses import replace

import numpy as np
import pytest
import stim
from qiskit.quantum_info import Operator, Pauli

from shared.circuits.instruction import Gate
from shared.circuits.qiskit_circuit import to_qiskit
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from workers.quantum.compiler import Options, enter
from workers.quantum.compiler.gadgets import Gadgets, gadgets
from workers.quantum.compiler.verify import MiscompiledError, verify
from workers.quantum.simulation.ir.program import Angle, Excitation, Program
from workers.quantum.simulation.lowering.standard_gates import parametrized

GATES = (
    Gate("h", (0,)), Gate("cx", (0, 1)), Gate("rz", (1,), (0.3,)), Gate("sdg", (2,)),
    Gate("rzx", (2, 0), (0.9,)), Gate("t", (1,)), Gate("ecr", (1, 2)), Gate("ryy", (0, 2), (-0.4,)),
    Gate("rx", (1,), (np.pi / 2,)), Gate("p", (2,), (1.1,)), Gate("cz", (0, 2)), Gate("ry", (0,), (0.2,)),
)  # fmt: skip
DOUBLES = tuple(
    Excitation(sources, (2, 3), Angle.parameter(k)) for k, sources in enumerate([(0, 1), (0, 4), (1, 4)])
)
ANSATZ = parametrized(Program(5, 3, (*DOUBLES, Excitation((1,), (3,), Angle.parameter(0))), 0b11000))


def matrix(found: Gadgets):
    unitary = np.eye(1 << len(found.clifford), dtype=complex)
    for string, angle in found.rotations:
        pauli = Pauli(string[::-1]).to_matrix() @ unitary
        assert isinstance(angle, float)
        unitary = np.cos(angle / 2) * unitary - 1j * np.sin(angle / 2) * pauli
    return found.clifford.to_unitary_matrix(endian="little") @ unitary


def test_a_circuit_is_its_rotations_and_then_a_clifford_operation():
    found = gadgets(GATES, 3)
    assert found is not None and len(found.rotations) == 6
    expected = Operator(to_qiskit(CircuitRecord(3, (), (), GATES))).data
    assert abs(np.trace(expected.conj().T @ matrix(found))) / 8 == pytest.approx(1, abs=1e-6)


def test_other_gates_have_no_such_form():
    assert gadgets((*GATES, Gate("ccx", (0, 1, 2))), 3) is None


def test_a_reordered_circuit_has_the_same_rotations_and_clifford_operation():
    found = gadgets(GATES, 3)
    assert found is not None
    (string, angle), *others = found.rotations
    assert isinstance(angle, float)
    assert found.is_reordered(replace(found, rotations=(*others, (string, angle))))
    assert found.is_reordered(replace(found, rotations=(*others, (string, angle - 1), (string, 1.0))))
    assert not found.is_reordered(replace(found, rotations=(*others, (string, -angle))))
    assert not found.is_reordered(replace(found, rotations=tuple(others)))
    assert not found.is_reordered(replace(found, clifford=stim.Tableau(3)))


@pytest.mark.parametrize("free_order", [False, True])
def test_excitations_with_free_parameters_take_fewer_gates_and_are_verified(free_order):
    options = Options(level=3, budget_s=0.04, free_order=free_order)
    name = "reordered_gadgets" if free_order else "gadgets"
    made = enter(ANSATZ, devices.load("guadalupe"), options, name)
    assert made is not None
    assert {stage.name: stage.gain for stage in made.candidate.stages}["pauli_gadgets"] > 0
    assert (made.candidate.reordered is not None) == free_order
    assert verify(ANSATZ, made.candidate, 0) == "unitary"
    assert made.candidate.record.parameters == ANSATZ.parameters


def test_a_result_with_other_rotations_is_refused():
    options = Options(level=3, budget_s=0.04, free_order=True)
    made = enter(ANSATZ, devices.load("guadalupe"), options, "reordered_gadgets")
    assert made is not None and made.candidate.reordered is not None
    other = replace(made.candidate.reordered, instructions=made.candidate.reordered.instructions[:-9])
    with pytest.raises(MiscompiledError, match="rotations"):
        verify(ANSATZ, replace(made.candidate, reordered=other), 0)


@pytest.mark.parametrize("name", ["router_near", "router_far", "gadgets"])
def test_a_free_order_keeps_the_candidates_of_the_own_order(name):
    device, own = devices.load("guadalupe"), Options(level=3, budget_s=0.04)
    free = replace(own, free_order=True)
    kept, made = (enter(ANSATZ, device, options, name) for options in (own, free))
    assert kept is not None and made is not None
    assert made.candidate.record == kept.candidate.record and made.candidate.reordered is None
    assert enter(ANSATZ, device, own, "reordered_gadgets") is None


def test_the_pass_does_not_apply_where_it_gains_nothing():
    assert enter(CircuitRecord(3, (), (), GATES), devices.load("manila"), Options(level=3), "gadgets") is None
