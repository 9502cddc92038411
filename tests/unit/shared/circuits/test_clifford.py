"""Clifford circuits told from names and angles, against the matrices themselves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.circuits.clifford import branches, first_non_clifford
from shared.circuits.gates import GATES
from shared.circuits.instruction import Gate
from shared.circuits.reader import read
from workers.quantum.simulation.circuits.clifford import NotCliffordError, clifford

HEADER = 'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; '


def instructions(text):
    return read(HEADER + text).to_json()["instructions"]


@st.composite
def gates(draw):
    name = draw(st.sampled_from([one for one in GATES if one != "gphase"]))
    n_qubits, n_angles = GATES[name]
    angle = st.sampled_from([k * math.pi / 4 for k in range(-8, 9)]) | st.floats(-7, 7)
    return Gate(name, tuple(range(n_qubits)), tuple(draw(angle) for _ in range(n_angles)))


@given(gate=gates())
def test_what_is_found_clifford_is_and_what_surely_is_not_is_not(gate):
    found = first_non_clifford(
        [{"gate": gate.name, "qubits": list(gate.qubits), "params": list(gate.params)}]
    )
    if found is None:
        clifford(gate)
    elif found.certain and min((abs(math.remainder(a, math.pi / 2)) for a in gate.params), default=1) > 1e-7:
        with pytest.raises(NotCliffordError):
            clifford(gate)


@pytest.mark.parametrize(
    ("text", "position", "gate", "certain"),
    [
        ("h q[0]; t q[1];", "instructions[1]", "t", True),
        ("rz(0.3) q[0];", "instructions[0]", "rz(0.3)", True),
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; t q[1]; }", "instructions[1].then[1]", "t", True),
        ("U(0, 0.3, -0.3) q[0];", "instructions[0]", "u(0, 0.3, -0.3)", False),
        ("pow(0.5) @ x q[0];", "instructions[0]", "unitary", False),
    ],
)
def test_the_first_gate_that_is_not_clifford_is_named(text, position, gate, certain):
    found = first_non_clifford(instructions(text))
    assert found is not None
    assert (found.position, found.gate.split("(")[0], found.certain) == (
        position,
        gate.split("(")[0],
        certain,
    )


def test_a_parameter_is_not_clifford():
    record = read('OPENQASM 3.0; include "stdgates.inc"; input float a; qubit q; rx(a) q;').to_json()
    found = first_non_clifford(record["instructions"])
    assert found is not None and found.gate == "rx(a parameter)"


@pytest.mark.parametrize(
    ("text", "branching"),
    [
        ("h q; c = measure q;", False),
        ("c[0] = measure q[0]; if (c[0]) { x q[1]; }", True),
        ("c[0] = measure q[0]; while (c[0]) { x q[0]; c[0] = measure q[0]; }", True),
    ],
)
def test_conditions_are_seen(text, branching):
    assert branches(instructions(text)) is branching


def test_gates_inside_blocks_are_looked_at():
    found = first_non_clifford(
        instructions("c[0] = measure q[0]; while (c[0]) { t q[0]; c[0] = measure q[0]; }")
    )
    assert found is not None and found.gate == "t" and ".body[0]" in found.position
