"""The passes one by one, and the order that their needs demand."""

import pytest

from shared.circuits.instruction import Gate
from shared.circuits.qiskit_circuit import to_qiskit
from shared.circuits.record import CircuitRecord
from shared.quantum import devices
from workers.quantum.compiler.compiled import Options
from workers.quantum.compiler.passes import base
from workers.quantum.compiler.passes.base import Pass, PipelineError, Work
from workers.quantum.compiler.passes.resynthesis import Resynthesise
from workers.quantum.compiler.passes.routing import Route
from workers.quantum.compiler.passes.simplify import Simplify
from workers.quantum.compiler.region import region_of


def work(*gates, n_qubits=4):
    record = CircuitRecord(n_qubits, (), (), gates)
    return Work(to_qiskit(record), region_of(devices.load("manila")), Options())


def test_a_pass_without_what_it_needs_is_an_error():
    with pytest.raises(PipelineError, match="route needs two_qubit"):
        base.run([Route(0.01, (0,))], work(Gate("h", (0,))))


def test_inverse_gates_cancel_through_gates_that_commute():
    made = base.run(
        [Simplify()],
        work(Gate("cx", (0, 1)), Gate("rz", (0,), (0.3,)), Gate("cx", (0, 2)), Gate("cx", (0, 1))),
    )
    assert base.n_two_qubit(made.circuit) == 1


def test_a_swap_of_the_source_costs_nothing():
    passes: list[Pass] = [Simplify(), Route(0.01, (0,)), Resynthesise()]
    made = base.run(passes, work(Gate("cx", (0, 1)), Gate("swap", (0, 2)), Gate("cx", (2, 3))))
    assert base.n_two_qubit(made.circuit) == 2
    assert [stage.name for stage in made.stages] == ["simplify", "route", "resynthesise"]
