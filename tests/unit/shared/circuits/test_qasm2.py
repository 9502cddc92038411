"""OpenQASM 2: what each construct means, and where each mistake is."""

import math

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2
from qiskit.circuit.library import C3SXGate, C3XGate, C4XGate, RC3XGate, RCCXGate
from qiskit.quantum_info import Statevector

from novacron.errors import BadInput
from shared.circuits.instruction import Barrier, Gate, If, Measure, Reset
from shared.circuits.limits import Limits
from shared.circuits.qasm2.gate import RECORD
from shared.circuits.qasm2.library import composed
from shared.circuits.reader import read
from workers.quantum.simulation.circuits import simulator

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[2];\n'


def instructions(body, head=HEAD):
    return read(head + body).instructions


def refusal(body, head=HEAD, **limits):
    with pytest.raises(BadInput) as caught:
        read(head + body, limits=Limits(**limits))
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.0e-04", 1e-4),
        ("1E+2", 100.0),
        ("1/2", 0.5),
        ("-2^2", -4.0),
        ("2^3^2", 512.0),
        ("2^-1*3", 1.5),
        ("1-2-3", -4.0),
        ("12/2/3", 2.0),
        ("-1-1", -2.0),
        ("2*-3", -6.0),
        ("- -1", 1.0),
        ("+1", 1.0),
        ("(1+2)*3", 9.0),
        ("sqrt(4)", 2.0),
        ("ln(exp(2))", 2.0),
        ("sin(pi/2)+cos(0)", 2.0),
        ("tan(0)", 0.0),
        ("-pi/4", -math.pi / 4),
        ("007", 7.0),
    ],
)
def test_an_expression_has_its_value(text, value):
    (gate,) = instructions(f"rx({text}) q[0];")
    assert gate.params[0] == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize(
    ("text", "cause", "column"),
    [
        ("1/0", "1 / 0 is a division by zero", 5),
        ("ln(0)", "ln(0) has no real value", 4),
        ("sqrt(-1)", "sqrt(-1) has no real value", 4),
        ("(-8)^0.5", "-8 ^ 0.5 has no real value", 8),
        ("0^-1", "0 ^ -1 has no real value", 5),
        ("exp(1000)", "exp(1000) is not finite", 4),
        ("10^400", "10 ^ 400 is not finite", 6),
        ("1e308*10", "1e+308 * 10 is not finite", 9),
        ("1e999", "'1e999' is not finite", 4),
        ("1e308+1e308", "is not finite", 9),
        ("theta", "'theta' is neither a number nor a parameter", 4),
        ("q", "'q' is neither", 4),
        ("1.2.3", "expected", 7),
        ("1 2", "expected ')'", 6),
        ("(1", "expected ')'", 8),
        ("*1", "expected a number", 4),
        ("sine(1)", "did you mean 'sin'", 4),
        ("sin 1", "expected '(' after sin, found '1'", 8),
    ],
)
def test_an_angle_without_a_value_is_refused_at_its_operator(text, cause, column):
    error = refusal(f"rx({text}) q[0];")
    assert cause in str(error) and (error.line, error.column) == (5, column)
    inside = refusal(f"gate g a {{ rx({text}) a; }}")  # never used, and refused all the same
    assert cause.split(",")[0] in str(inside) and (inside.line, inside.column) == (5, column + 11)


@pytest.mark.parametrize(
    ("body", "angle", "cause"),
    [
        ("rx(1/t) a;", "0", "1 / 0 is a division by zero"),
        ("rx(ln(t)) a;", "-1", "ln(-1) has no real value"),
        ("rx(sqrt(t-1)) a;", "0", "sqrt(-1) has no real value"),
        ("rx(t^0.5) a;", "-2", "-2 ^ 0.5 has no real"),
        ("rx(exp(t)) a;", "1e3", "exp(1000) is not finite"),
        ("rx(t*t) a;", "1e200", "is not finite"),
    ],
)
def test_a_parameter_without_a_value_names_the_expression_and_the_application(body, angle, cause):
    text = f"gate inner(t) a {{ {body} }}\ngate outer(s) a {{ inner(s) a; }}\nouter({angle}) q[0];"
    error = refusal(text)
    assert cause in error.rule and error.line == 5
    assert error.hint == "gate outer is applied in line 7, column 1"
    read(HEAD + text.replace(f"outer({angle})", "outer(2)"))


def test_gates_of_the_same_number_of_controls_are_told_apart():
    found = simulator.probabilities(
        read(
            'OPENQASM 2.0; include "qelib1.inc"; qreg q[5]; x q[0]; x q[1]; x q[2];'
            "c3x q[0],q[1],q[2],q[3]; c4x q[0],q[1],q[2],q[3],q[4];"
        )
    )
    assert found == pytest.approx({"11111": 1.0}, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "gate"),
    [
        ("c3x", C3XGate()),
        ("c4x", C4XGate()),
        ("c3sqrtx", C3SXGate()),
        ("rccx", RCCXGate()),
        ("rc3x", RC3XGate()),
    ],
)
def test_composed_gates_of_the_library_act_as_qiskits(name, gate):
    n = gate.num_qubits
    written = QuantumCircuit(n)
    for qubit in range(n):
        written.u(0.3 + qubit, 0.2 * qubit, 0.7, qubit)
    operands = ",".join(f"q[{i}]" for i in range(n))
    found = simulator.state_vector(read(f"{qasm2.dumps(written)} {name} {operands};"))
    written.append(gate, range(n))
    wanted = np.asarray(Statevector(written.reverse_bits()))
    assert abs(np.vdot(wanted, found)) == pytest.approx(1.0, abs=1e-12)


def test_every_gate_of_the_library_is_known_after_the_include_only():
    for name, gate in {**RECORD, **composed()}.items():
        listed = f"({','.join(['0.3'] * gate.n_angles)})" if gate.n_angles else ""
        text = f"{name}{listed} {','.join(f'r[{i}]' for i in range(gate.n_qubits))};"
        assert instructions(f"qreg r[5]; {text}")
        early = refusal(text, "OPENQASM 2.0;\nqreg r[5];\n")
        assert f"gate '{name}' is not defined" in early.rule and "qelib1.inc" in early.hint


@pytest.mark.parametrize("include", ["", 'include "qelib1.inc"; ', "include 'qelib1.inc'; "])
def test_an_own_definition_counts_from_its_place_on(include):
    head = f"OPENQASM 2.0; {include}qreg q[2];"
    swapped = "gate cx t,c { CX c,t; } cx q[0],q[1];"
    assert instructions(swapped, head) == (Gate("cx", (1, 0)),)
    if include:
        assert instructions("cx q[0],q[1]; " + swapped, head) == (Gate("cx", (0, 1)), Gate("cx", (1, 0)))
        # what was defined before keeps its meaning, the library's own gates as well
        before = "gate mine a,b { cx a,b; } " + swapped + " mine q[0],q[1];"
        assert instructions(before, head)[-1] == Gate("cx", (0, 1))
        composed_of = instructions("qreg r[4]; gate h a { x a; } c3x r[0],r[1],r[2],r[3];", head)
        assert composed_of[0] == Gate("h", (5,))


def test_an_own_definition_before_the_include_counts_as_well():
    text = 'OPENQASM 2.0; gate h a { U(0,0,pi) a; } include "qelib1.inc"; qreg q[1]; h q[0];'
    assert instructions("", text) == (Gate("u", (0,), (0.0, 0.0, math.pi)),)


@pytest.mark.parametrize(
    "name", ["mcx", "if_else", "unitary", "print", "delay", "for_loop", "h", "swap", "u3"]
)
def test_own_gates_may_have_any_name_and_any_shape(name):
    text = f"gate {name}(s,t) a,b,c {{ rx(s) c; barrier a,b; rz(t/2) a; }} {name}(0.5,1) q[2],q[1],q[0];"
    assert instructions(text) == (Gate("rx", (0,), (0.5,)), Barrier((2, 1)), Gate("rz", (2,), (0.5,)))
    wrong = refusal(f"gate {name}(s,t) a,b,c {{ }} {name} q[0];")
    assert f"gate {name} takes 2 angles, not 0" in wrong.rule


def test_a_definition_that_is_the_librarys_gate_is_that_gate():
    written = QuantumCircuit(2)
    written.ecr(0, 1)
    written.rzx(0.3, 0, 1)
    written.iswap(1, 0)
    exported = qasm2.dumps(written)
    assert "gate ecr" in exported
    assert read(exported).instructions == (
        Gate("ecr", (0, 1)),
        Gate("rzx", (0, 1), (0.3,)),
        Gate("iswap", (1, 0)),
    )


@pytest.mark.parametrize(
    ("condition", "bits", "value"), [("c==0", (0, 1), 0), ("c == 3", (0, 1), 3), ("c[1]==1", (1,), 1)]
)
@pytest.mark.parametrize(
    ("operation", "then"),
    [
        ("x q[0];", (Gate("x", (0,)),)),
        ("reset q[1];", (Reset(1),)),
        ("barrier q[1],q[0];", (Barrier((1, 0)),)),
        ("measure q[0]->c[1];", (Measure(0, 1),)),
        ("h q;", tuple(Gate("h", (i,)) for i in range(3))),
    ],
)
def test_a_condition_guards_an_operation(condition, bits, value, operation, then):
    assert instructions(f"if({condition}) {operation}") == (If(bits, value, then),)


def test_conditions_nest_and_values_out_of_range_are_never_equal():
    assert instructions("if(c==1) if(c[0]==1) x q[0];") == (
        If((0, 1), 1, (If((0,), 1, (Gate("x", (0,)),)),)),
    )
    assert instructions("if(c==4) x q[0]; if(c==99999999999999999999) measure q[0]->c[0];") == ()
    assert "nested deeper" in refusal("if(c==1)" * 70 + "x q[0];").rule


def test_a_condition_is_evaluated_once_for_a_whole_register():
    text = "qreg r[2]; x r; if(c==0) measure r->c;"
    assert simulator.probabilities(read(HEAD + text)) == pytest.approx({"11": 1.0})


@pytest.mark.parametrize(
    ("body", "rule", "column"),
    [
        ("qreg r[0];", "register 'r' has size 0", 8),
        ("qreg Q[1];", "'Q' cannot be the name", 6),
        ("creg q[1];", "'q' is already declared", 6),
        ("gate q a { }", "'q' is already declared", 6),
        ("gate g a { } gate g a { }", "'g' is already declared", 19),
        ("qreg sin[1];", "'sin' cannot be", 6),
        ("gate g(a) a { }", "'a' names two", 11),
        ("gate g a,a { }", "'a' names two", 10),
        ("gate g a { x b; }", "'b' is not a qubit of gate g", 14),
        ("gate g a { x q; }", "'q' is not a qubit", 14),
        ("gate g a { x a[0]; }", "expected ';'", 15),
        ("gate g a { measure a -> c; }", "measure is not allowed", 12),
        ("gate g a { g a; }", "gate 'g' is not defined", 12),
        ("gate g a { cx a,a; }", "twice", 12),
        ("gate g a { measure a; }", "measure is not allowed", 12),
        ("gate g a { reset q; }", "not a qubit of gate g", 18),
        ("gate g a { if(c==1) x a; }", "if is not", 12),
        ("gate g a { x a;", "found the end of the text", 16),
        ("gate g a { rx a; }", "takes 1 angles, not 0", 12),
        ("foo_bar q[0];", "gate 'foo_bar' is not defined (define it", 1),
        ("sqap q[0],q[1];", "did you mean 'swap'", 1),
        ("c q[0];", "'c' is a register, not a gate", 1),
        ("c = measure q;", "a measurement is written measure q -> c;", 1),
        ("qubit[2] r;", "'qubit' is a word of OpenQASM 3 (begin the file with OPENQASM 3.0;", 1),
        ("if(c==1) x q[0]; else x q[1];", "'else' is a word of OpenQASM 3", 18),
        ("h r;", "'r' is not declared", 3),
        ("h c[0];", "'c' is not a qubit register", 3),
        ("h q[3];", "index 3 is out of range", 5),
        ("h q[-1];", "expected an index", 5),
        ("h q[0]", "found the end of the text", 7),
        ("cx q[0];", "takes 2 qubits, not 1", 1),
        ("cx q[0],q[0];", "twice", 1),
        ("cx q,q;", "twice", 1),
        ("qreg r[2]; cx q,r;", "registers of different sizes", 12),
        ("x(1) q[0];", "takes 0 angles, not 1", 1),
        ("measure q -> c;", "3 qubits cannot be measured into 2 bits", 9),
        ("measure q[0];", "expected '->'", 13),
        ("measure q[0] -> q[1];", "not a classical register", 17),
        ("if(q==1) x q[0];", "'q' is not a classical register", 4),
        ("if(c=1) x q[0];", "expected '=='", 5),
        ("if(c==-1) x q[0];", "an integer from 0", 7),
        ("if(c==1) qreg r[1];", "expected an operation", 10),
        ("if(c>1) x q[0];", "expected '=='", 5),
        ("opaque o(t) a; o(1) q[0];", "gate o is opaque", 16),
        (";", "expected a statement", 1),
        ("h q[0];;", "expected a statement", 8),
        ('include "stdgates.inc";', "cannot be included", 9),
        ("include qelib1.inc;", "in quotes", 9),
        ("\th q[0]; h r;", "'r' is not declared", 12),
        ("/* é\n */ h r;", "'r' is not declared", 7),
    ],
)
def test_a_mistake_is_refused_where_it_stands(body, rule, column):
    error = refusal(body)
    assert rule in str(error) and (error.line, error.column) == (5 + body.count("\n"), column)


def test_work_without_instructions_is_limited():
    doubled = "".join(f"gate g{i}(t) a {{ g{i - 1}(t/2+1) a; g{i - 1}(t/3) a; }}\n" for i in range(1, 40))
    error = refusal(f"gate g0(t) a {{ }}\n{doubled}g39(1) q[0];", work=10_000)
    assert "takes more than 10000 steps" in error.rule and error.line == 45


def test_definitions_nested_too_deeply_are_refused():
    chain = "".join(f"gate g{i} a {{ g{i - 1} a; }}\n" for i in range(1, 3000))
    assert "nested deeper than 64" in refusal(f"gate g0 a {{ x a; }}\n{chain}").rule


def test_a_file_of_openqasm_3_to_include_is_told_where_its_gates_are():
    assert "qelib1.inc" in (refusal('include "stdgates.inc";').hint or "")


@pytest.mark.parametrize("complex_", [False, True])
def test_what_qiskit_initializes_is_read_back(complex_):
    written = QuantumCircuit(3, 3)
    written.h(range(3))
    written.initialize([0.6, 0, 0, 0.8], [2, 0])
    written.cx(0, 1)
    written.measure(range(3), range(3))
    if complex_:
        written.initialize([0.6, 0.8j], [0])
        assert "angles are real" in refusal("", head=qasm2.dumps(written)).rule
        return
    found = simulator.probabilities(read(qasm2.dumps(written)))
    wanted = {"000": 0.18, "010": 0.18, "101": 0.32, "111": 0.32}
    assert found == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("unit", ["dt", "ns", "us"])
def test_delays_as_qiskit_writes_them_have_no_effect(unit):
    written = QuantumCircuit(2, 2)
    written.x(0)
    written.delay(100, 0, unit=unit)
    written.delay(7, 1)
    written.measure([0, 1], [0, 1])
    assert simulator.probabilities(read(qasm2.dumps(written))) == {"10": pytest.approx(1.0)}


def test_a_gate_that_resets_runs_over_registers_and_under_conditions():
    body = "gate x a { reset a; } gate f a, b { x b; barrier a; CX a, b; } "
    states = {
        "CX q[0], q[1]; f q[0], q[1]; measure q -> c;": {"000": 0.5, "110": 0.5},
        "h q; x q; measure q -> c;": {"000": 1.0},
        "measure q[0] -> c[0]; if (c == 1) x q; measure q[0] -> c[1];": {"000": 0.5, "100": 0.5},
    }
    head = HEAD.replace("creg c[2]", "creg c[3]") + "h q[0]; "
    for text, wanted in states.items():
        assert simulator.probabilities(read(head + body + text)) == pytest.approx(wanted, abs=1e-12)
