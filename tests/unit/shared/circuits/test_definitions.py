"""Gates that a file defines, against a dense evaluator of the test's own."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qasm3

from novacron.errors import BadInput
from shared.circuits.instruction import Barrier, Gate
from shared.circuits.matrix import product
from shared.circuits.reader import read
from tests.unit.shared.circuits.own_gates import Program


def gates_of(record):
    assert record.is_unitary()
    return [item for item in record.instructions if not isinstance(item, Barrier)]


@pytest.mark.parametrize("language", [2, 3])
def test_random_definitions_give_their_matrix(language):
    @settings(max_examples=120, deadline=None)
    @given(seed=st.integers(0, 2**32))
    def check(seed):
        program = Program(seed, language)
        record = read(program.text)
        found, wanted = product(gates_of(record), range(program.n)), program.matrix
        overlap = np.vdot(wanted, found) / len(wanted)
        assert abs(overlap) == pytest.approx(1.0, abs=1e-11), program.text

    check()


HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nconst float k = 0.5;\nfloat t = 0.4;\n'


def gates(body, head=HEAD):
    return read(head + body).instructions


@pytest.mark.parametrize("include", ["", 'include "stdgates.inc"; '])
def test_an_own_definition_counts_from_its_place_on(include):
    head = f"OPENQASM 3.0; {include}qubit[2] q;"
    swapped = "gate cz a, b { U(0.5, 0, 0) b; } cz q[0], q[1];"
    assert gates(swapped, head)[-1] == Gate("u", (1,), (0.5, 0.0, 0.0))
    if include:
        text = f"gate mine a, b {{ cz a, b; }} cz q[0], q[1]; {swapped} mine q[1], q[0];"
        found = gates(text, head)
        assert found[0] == Gate("cz", (0, 1)) and found[-1] == Gate("cz", (1, 0))
        early = f"OPENQASM 3.0; qubit[2] q; gate cz a, b {{ U(0.5, 0, 0) b; }} {include} cz q[0], q[1];"
        assert gates("", early)[-1] == Gate("u", (1,), (0.5, 0.0, 0.0))


@pytest.mark.parametrize(
    "name", ["mcx", "if_else", "unitary", "print", "h", "swap", "u3", "CX", "phase", "U"]
)
def test_own_gates_may_have_any_name_and_any_shape(name):
    text = f"gate {name}(s, r) a, b, c {{ rx(s) c; rz(r / 2.0) a; }} {name}(0.5, 1) q[2], q[1], q[0];"
    assert gates(text) == (Gate("rx", (0,), (0.5,)), Gate("rz", (2,), (0.5,)))
    with pytest.raises(BadInput, match=f"gate {name} takes 2 angles, not 0"):
        gates(f"gate {name}(s, r) a, b, c {{ }} {name} q[0];")


def test_constants_are_seen_and_keep_their_value():
    assert gates("gate g a { rx(k * pi) a; } g q[0];") == (Gate("rx", (0,), (math.pi / 2,)),)


@pytest.mark.parametrize(
    ("body", "rule", "column"),
    [
        ("rx(t) a;", "uses 't', which is no constant", 15),
        ("x q[0];", "uses 'q', which is no constant", 14),
        ("cx a, q[1];", "uses 'q', which is no constant", 18),
        ("x $0;", "uses '$0', which is no constant", 14),
        ("rx(2 * s) a;", "'s' is not declared", 19),
        ("rx(a) a;", "'a' is a qubit, not a value", 15),
        ("rx(1 / 0) a;", "division by zero", 15),
        ("rx(f(1)) a;", "gate g calls a subroutine", 15),
        ("rx(sine(1)) a;", "there is no function 'sine'", 15),
        ("for int i in [0:1] { rx(sin(i, 2)) a; }", "sin takes 1 arguments, not 2", 36),
        ("rx(log(0)) a;", "log is not defined for 0", 15),
        ("pow(t) @ x a;", "uses 't', which is no constant", 16),
        ("ctrl(t) @ x a;", "uses 't', which is no constant", 17),
        ("for int i in [0:t] { x a; }", "uses 't', which is no constant", 28),
        ("for int i in [0:1] { rx(t) a; }", "uses 't', which is no constant", 36),
        ("xx a;", "gate 'xx' is not defined", 12),
        ("g a;", "gate 'g' is not defined", 12),
        ("rx a;", "takes 1 angles, not 0", 12),
        ("cx a;", "takes 2 qubits here, not 1", 12),
        ("cx a, a;", "twice", 12),
        ("a a;", "'a' is an operand of gate g, not a gate", 12),
    ],
)
def test_a_body_is_checked_where_it_stands_even_if_it_is_never_used(body, rule, column):
    with pytest.raises(BadInput) as caught:
        gates(f"gate g a {{ {body} }}", f"{HEAD[:-1]} def f(float x) -> float {{ return x; }}\n")
    error = caught.value
    assert rule in str(error) and (error.line, error.column) == (6, column)


@pytest.mark.parametrize(
    "text",
    [
        "gate g a { } gate g a { }",
        "gate q a { }",
        "gate t a { }",
        "gate g a { } int g;",
        "gate g a { } let g = q;",
        "def g() { } gate g a { }",
        "def g() { } qubit g;",
    ],
)
def test_names_are_defined_once(text):
    with pytest.raises(BadInput, match="already"):
        gates(text)


def test_a_definition_that_is_the_librarys_gate_is_that_gate():
    written = QuantumCircuit(2)
    written.ecr(0, 1)
    written.rzx(0.3, 0, 1)
    exported = qasm3.dumps(written)
    assert "gate ecr" in exported
    found = [item for item in gates_of(read(exported)) if item.qubits]
    assert found == [Gate("ecr", (0, 1)), Gate("rzx", (0, 1), (0.3,))]


@pytest.mark.parametrize("seed", range(40))
def test_the_phase_of_an_own_gate_is_seen_under_a_control(seed):
    program = Program(seed, 3, own=True)
    name, gate = program.last
    definitions = [line for line in program.lines if line.startswith(("OPENQASM", "include", "gate "))]
    n, angles = gate.n_qubits, [0.3, 0.7][: gate.n_angles]
    listed = f"({', '.join(map(str, angles))})" if angles else ""
    operands = ", ".join(f"q[{i}]" for i in range(n + 1))
    text = "\n".join([*definitions, f"qubit[{n + 1}] q; ctrl @ {name}{listed} {operands};"])
    found = np.array(product(gates_of(read(text)), range(n + 1)))
    assert found[1 << n :, 1 << n :] == pytest.approx(gate.matrix(angles), abs=1e-10), text
    assert found[: 1 << n, : 1 << n] == pytest.approx(np.eye(1 << n), abs=1e-10)
