"""What is counted of circuits that run: themselves, their depth and their gates, right to the count."""

from collections.abc import Iterator

import numpy as np
import pytest

from shared.circuits.instruction import Gate, Measure
from shared.circuits.record import CircuitRecord
from shared.metrics.table import METRICS
from shared.metrics.tally import TALLY
from shared.quantum.wants import Want
from workers.quantum.backends import load
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.executed import MOST_RUNS, shape_of, unasked
from workers.quantum.backends.expectation import Expectation
from workers.quantum.backends.immediate import answers
from workers.quantum.simulation.ir.gates import matrix
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)

BELL = CircuitRecord(2, (), (("c", 2),), (Gate("h", (0,)), Gate("cx", (0, 1)), Measure(0, 0), Measure(1, 1)))
FREE = Angle.parameter(0)


@pytest.fixture(autouse=True)
def counted() -> Iterator[None]:
    TALLY.drain()
    TALLY.begin()
    yield
    TALLY.begin()
    TALLY.on = False


def run(pub: Pub) -> None:
    answers(load("statevector"), Batch((pub,), frozenset({Want.COUNTS}), shots=10))


def test_a_circuit_is_counted_with_its_depth_and_gates():
    run(Pub(BELL))
    shown = TALLY.shown()
    assert shown["quantum_circuits_executed_total"] == {("statevector",): 1.0}
    assert shown["quantum_gates_executed_total"] == {("h", "statevector"): 1.0, ("cx", "statevector"): 1.0}
    depths = shown["quantum_circuit_depth"]["statevector",]
    assert isinstance(depths, list) and depths[1] == 1.0 and depths[-1] == 3.0
    took = shown["quantum_circuit_execution_duration"]["statevector",]
    assert isinstance(took, list) and sum(took[:-1]) == 1.0


def test_a_program_is_counted_at_each_of_its_points():
    program = Program(2, 1, (RXLayer(FREE), PauliRotation(0b11, 0, FREE)), 0)
    backend = load("statevector")
    pub = Pub.of(program, np.zeros((3, 1)), PauliSum.from_terms([("ZZ", 1.0)]))
    plan = backend.prepare(Batch((pub,), frozenset({Want.EXPECTATIONS})))
    backend.run(plan)
    backend.run(plan.at(np.ones((2, 1))))
    shown = TALLY.shown()
    assert shown["quantum_circuits_executed_total"] == {("statevector",): 5.0}
    gates = shown["quantum_gates_executed_total"]
    assert gates == {("rx", "statevector"): 10.0, ("pauli_rotation", "statevector"): 5.0}


def test_evaluations_of_a_loop_are_counted_one_by_one():
    program = Program(1, 1, (PauliRotation(1, 0, FREE),), 0)
    energy = Expectation(load("statevector"), program, PauliSum.from_terms([("Z", 1.0)]))
    for _ in range(MOST_RUNS + 3):
        energy.value(np.zeros(1))
    energy.value_and_gradient(np.zeros(1))
    shown = TALLY.shown()
    assert shown["quantum_circuits_executed_total"] == {("statevector",): MOST_RUNS + 4.0}
    took = shown["quantum_circuit_execution_duration"]["statevector",]
    assert isinstance(took, list) and sum(took[:-1]) == MOST_RUNS + 4.0


def test_what_no_job_asked_for_is_not_counted():
    with unasked():
        run(Pub(BELL))
    assert TALLY.shown() == {}


def test_nothing_is_counted_where_no_metrics_are_shown():
    TALLY.on = False
    run(Pub(BELL))
    assert TALLY.shown() == {}


@pytest.mark.parametrize(
    ("ops", "depth"),
    [
        ((), 0),
        ((Unitary((0, 1), matrix("cx")), Unitary((2,), matrix("h"))), 1),
        ((PauliRotation(0b1100, 0b0010, FREE), Unitary((3,), matrix("h")), Unitary((2,), matrix("h"))), 2),
        ((Excitation((0,), (2,), FREE), Unitary((1,), matrix("h"))), 2),
        ((DiagonalPhase(np.zeros(16), FREE), RXLayer(FREE), RXLayer(FREE)), 3),
        ((PauliRotation(0, 0, FREE),), 0),
    ],
)
def test_the_depth_of_a_program_is_its_longest_chain(ops, depth):
    assert shape_of(Program(4, 1, ops, 0)).depth == depth


def test_the_metrics_that_are_counted_here_are_in_the_table():
    run(Pub(BELL))
    assert TALLY.shown().keys() <= METRICS.keys()
