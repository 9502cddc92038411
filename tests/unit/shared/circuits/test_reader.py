import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openqasm3 import ast
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.circuit.random import random_circuit
from qiskit.quantum_info import Statevector

from novacron.errors import BadInput
from shared.circuits import scan
from shared.circuits.instruction import Affine, Gate, If
from shared.circuits.limits import Limits
from shared.circuits.qasm3 import plain, syntax
from shared.circuits.reader import read
from shared.circuits.validation import record_from_json
from workers.quantum.simulation.circuits import simulator

HEAD_2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\ncreg c[3];\n'
HEAD_3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\nbit[3] c;\n'
PIECES = [
    "h", "rx", "q", "c", "[0]", "[1:2]", "(", ")", "{", "}", ";", ",", "pi", "1", "-", "/", "**", "if",
    "else", "for", "int i in", "[0:3]", "while", "measure", "->", "=", "==", "gate g a",
    "def f(qubit a)", "ctrl @", "inv @", "pow(0.5) @", "negctrl(2) @", "let a =", "input float t",
    "const int n = 2", "switch", "case 1", "reset", "barrier", "U(1,2,3)", "gphase(1)", "bit[2] b",
    '"01"', "{0,1}", "++", "break", "return", "end", "opaque o a", "creg d[2]", "qreg r[2]", "box",
    "cal", "#pragma x\n", "@a b\n", "//", "/*", "é", "\x00", "$0", "delay[1ns]", "array[int, 2] z",
    "1e999", "0b1", "true", "!c[0]", "int(c)", "sizeof(q)", ".5", "im", "include",
]  # fmt: skip


def agrees(qiskit_circuit, text):
    want = np.asarray(Statevector(qiskit_circuit.reverse_bits()))
    found = simulator.state_vector(read(text))
    return abs(np.vdot(want, found)) == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 5), depth=st.integers(1, 6), seed=st.integers(0, 2**31))
def test_random_circuits_agree_with_qiskit_in_both_languages(n, depth, seed):
    written = random_circuit(n, depth, max_operands=min(n, 4), seed=seed)
    assert agrees(written, qasm2.dumps(written))
    assert agrees(written, qasm3.dumps(written))


@pytest.mark.parametrize("n_controls", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "gate", ["x", "h", "sx", "t", "rx(0.4)", "ry(0.5)", "rz(0.6)", "p(0.7)", "y", "U(0.3,0.4,0.5)"]
)
def test_controls_act_only_where_all_are_one(gate, n_controls):
    n = n_controls + 1
    operands = ", ".join(f"q[{i}]" for i in range(n))
    spread = f'OPENQASM 3.0; include "stdgates.inc"; qubit[{n}] q; ry(0.9) q;'
    alone = simulator.state_vector(
        read(f'OPENQASM 3.0; include "stdgates.inc"; qubit q; ry(0.9) q; {gate} q;')
    )
    phase = np.exp(0.15j) if gate.startswith("U") else 1.0
    before = simulator.state_vector(read(spread)).reshape(-1, 2)
    after = simulator.state_vector(read(f"{spread} ctrl({n_controls}) @ {gate} {operands};")).reshape(-1, 2)
    scale = math.sin(0.45) ** n_controls
    assert after[:-1] == pytest.approx(before[:-1], abs=1e-12)
    assert after[-1] == pytest.approx(scale * phase * alone, abs=1e-12)


@pytest.mark.parametrize(
    "gate", ["rxx(0.4)", "rzz(0.4)", "ryy(0.4)", "rzx(0.4)", "swap", "iswap", "ecr", "dcx"]
)
def test_wide_controls_of_two_qubit_gates_match_the_matrix_form(gate):
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit[5] q; ry(0.9) q; rz(0.3) q[3]; rx(0.2) q[4];'
    wide = simulator.state_vector(read(f"{head} ctrl(3) @ {gate} q[0], q[1], q[2], q[3], q[4];"))
    plain = simulator.state_vector(read(f"{head} {gate} q[3], q[4];"))
    before = simulator.state_vector(read(head))
    assert wide[:28] == pytest.approx(before[:28], abs=1e-12)
    assert wide[28:] == pytest.approx(plain[28:], abs=1e-12)


@pytest.mark.parametrize("gate", [
    "x", "s", "t", "sx", "h", "rx(0.3)", "u2(0.1, 0.2)", "u3(0.1, 0.2, 0.3)", "U(0.1, 0.2, 0.3)",
    "phase(0.3)",
])  # fmt: skip
def test_inverse_and_powers_undo_a_gate(gate):
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit q; ry(0.7) q; rz(0.4) q;'
    start = simulator.state_vector(read(head))
    for undone in (
        f"{gate} q; inv @ {gate} q;",
        f"pow(-2) @ {gate} q; {gate} q; {gate} q;",
        f"pow(0.5) @ {gate} q; pow(0.5) @ {gate} q; inv @ {gate} q;",
        f"inv @ pow(1/3.0) @ {gate} q; pow(1/3.0) @ {gate} q;",
    ):
        assert abs(np.vdot(start, simulator.state_vector(read(f"{head} {undone}")))) == pytest.approx(
            1.0, abs=1e-12
        )


@pytest.mark.parametrize(
    "gate", ["iswap", "dcx", "ecr", "xx_plus_yy(0.3, 0.4)", "xx_minus_yy(0.3, 0.4)", "cu(1,2,3,4)"]
)
def test_inverse_undoes_two_qubit_gates(gate):
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; ry(0.7) q[0]; rx(0.4) q[1];'
    start = simulator.state_vector(read(head))
    back = simulator.state_vector(read(f"{head} {gate} q[0], q[1]; inv @ {gate} q[0], q[1];"))
    assert back == pytest.approx(start, abs=1e-12)


def test_input_parameters_stay_affine():
    record = read(
        HEAD_3
        + "input float theta; input angle phi; rx(2 * theta - phi / 4 + pi) q[0]; inv @ ry(theta) q[1];"
    )
    assert record.parameters == ("theta", "phi")
    assert record.instructions == (
        Gate("rx", (0,), (Affine((("theta", 2.0), ("phi", -0.25)), math.pi),)),
        Gate("ry", (1,), (Affine((("theta", -1.0),)),)),
    )


def test_parameters_that_cancel_leave_a_number():
    record = read(HEAD_3 + "input float theta; rx(theta - theta + 0.5) q[0];")
    assert record.instructions == (Gate("rx", (0,), (0.5,)),)


def test_whole_register_conditions_may_be_wide():
    record = read('OPENQASM 3.0; include "stdgates.inc"; qubit q; bit[40] c; if (c != 5) { x q; }')
    assert record.instructions == (If(tuple(range(40)), 5, (), (Gate("x", (0,)),)),)


def test_integer_division_follows_the_specification():
    record = read(HEAD_3 + "int a = -7; int b = a / 2; rx(b) q[0]; rx(a % 4) q[0]; rx(1 / 2.0) q[0];")
    assert record.instructions == tuple(Gate("rx", (0,), (angle,)) for angle in (-3.0, -3.0, 0.5))


def test_plain_statements_and_others_keep_their_order():
    lines = [
        "h q[0];",
        "for int i in {0, 1} x q[i];",
        "rz(-0.5*pi/2) q[1];",
        "if (c[0]) y q[0];",
        "cx q[0], q[1];",
    ]
    record = read(HEAD_3 + " ".join(lines))
    shown = [item.name if isinstance(item, Gate) else "if" for item in record.instructions]
    assert shown == ["h", "x", "x", "rz", "if", "cx"]


PLAIN = [
    "rx(pi) q[0];", "rx(-pi/2) q[1];", "rx(2*pi/3) q;", "rx(-1.5*-2) q[0];", "rx(1e-3) q[0];",
    "rx(1.0e-04) q[0];",
    "rx(1 + 2 * 3 - 4) q[0];", "rx((1 + 2) * 3) q[0];", "rx(-2 ** 2) q[0];", "rx(2 ** 3 ** 2) q[0];",
    "rx(2 ** -1 * 3) q[0];", "rx(7 % 4 / 2) q[0];", "rx(sin(pi / 4) + sqrt(x0)) q[0];",
    "rx(-(x0 - 1)) q[1];", "rx(pow(2, pow(1, 3))) q[0];",
    "cx q[0],q[2];", "h q;", "U(0.1, x0, .5) q[1];", "c = measure q;",
    "c[1] = measure q[2];", "measure q[0] -> c[0];", "measure q -> c;", "reset q[1];", "barrier q;",
    "barrier q[0], q[1];", "rx(π) q[0];",
]  # fmt: skip


def spans(node):
    """The tree with the place where each node begins."""
    if isinstance(node, list):
        return [spans(item) for item in node]
    if not isinstance(node, ast.QASMNode):
        return node
    parts = {name: spans(child) for name, child in vars(node).items() if name not in ("span", "_weight")}
    return type(node).__name__, node.span.start_line, node.span.start_column, parts


@pytest.mark.parametrize("statement", PLAIN)
def test_plain_statements_are_parsed_as_the_reference_parser_parses_them(statement, monkeypatch):
    text = f"OPENQASM 3.0;\n  {statement}"
    found = scan.tokens(text)
    fast = spans(syntax.parse(text, found))
    assert len(plain.plain_statements(found)) == 1
    monkeypatch.setattr(syntax, "plain_statements", lambda found: [])
    assert spans(syntax.parse(text, found)) == fast


def test_a_matrix_does_not_depend_on_what_was_read_before():
    texts = [f"{HEAD_3}ctrl(2) @ rxx({sign}0.0) q[0], q[1], r, s;" for sign in ("", "-")]
    texts = [text.replace("bit[3] c;", "qubit r; qubit s;") for text in texts]
    one, other = (read(text).to_json() for text in texts)
    assert str(one) == str(other)


def test_limits_are_checked():
    with pytest.raises(BadInput, match="at most 10 bytes"):
        read(HEAD_3, limits=Limits(text_bytes=10))
    with pytest.raises(BadInput, match="at most 2 qubits"):
        read(HEAD_2, limits=Limits(qubits=2))
    for head in (HEAD_2, HEAD_3):
        with pytest.raises(BadInput, match="more than 5 instructions"):
            read(head + "h q; h q;", limits=Limits(instructions=5))


DOUBLING = "".join(f"def f{i}() {{ f{i - 1}(); f{i - 1}(); }} " for i in range(1, 40))


@pytest.mark.parametrize(
    ("text", "limits", "rule"),
    [
        ("int i = 0; while (i < 100) { i = i + 1 + 1 + 1 - 2; }", {"work": 500}, "at most 500 steps"),
        ("def f0() { } " + DOUBLING + "f39();", {"work": 5000}, "at most 5000 steps"),
        ("for int i in [0:9] { x q; }", {"tokens": 20}, "at most 20 of them"),
        ("rx(" + "+".join(["0.1"] * 60) + ") q;", {"operators": 50}, "at most 50 operators"),
        ("ctrl(3) @ h q[0], q[1], q[2], r;", {"matrix_entries": 100}, "at most 100 entries"),
        ("pow(0) @ ctrl(20) @ rx(0.1) s[0:20];", {}, "takes 21 qubits"),
        ("for int i in [0:9] { pow(0) @ g q[0]; }", {"work": 150}, "at most 150 steps"),
    ],
)  # fmt: skip
def test_reading_is_limited_by_work(text, limits, rule):
    head = f"{HEAD_3}qubit r; qubit[21] s; gate g a {{ {'x a; ' * 20} }} "
    read(HEAD_3)
    with pytest.raises(BadInput, match=rule):
        read(head + text, limits=Limits(**limits))


@pytest.mark.parametrize("head", [HEAD_2, HEAD_3])
def test_places_and_characters_do_not_depend_on_line_endings(head):
    text = head + "h q[0];\n\th q[7];"
    for changed in (text, text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        with pytest.raises(BadInput, match="index 7 is out of range") as caught:
            read(changed)
        assert (caught.value.line, caught.value.column) == (6, 6)


@pytest.mark.parametrize("head", [HEAD_2, HEAD_3])
@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\u200b", "U+200B ZERO WIDTH SPACE"), ("\u00a0", "U+00A0 NO-BREAK SPACE"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\uff02", "U+FF02 FULLWIDTH QUOTATION MARK"), ("\u201c", "U+201C LEFT DOUBLE QUOTATION MARK"),
        ("\x00", "U+0000"), ("\u2212", "U+2212 MINUS SIGN"), ("\ud800", "U+D800"),
    ],
)  # fmt: skip
def test_a_character_that_cannot_be_seen_is_shown_by_its_code_point(head, character, shown):
    for before, after in (("h ", "q[0];"), ("h", " q[0];"), ("h q[0", "];")):
        with pytest.raises(BadInput) as caught:
            read(f"{head}{before}{character}{after}")
        error = caught.value
        assert shown in error.rule and character not in str(error).replace("'" + character + "'", "")
        assert (error.line, error.column) == (5, len(before) + 1)
    read(f"{head}// {character}\nh q[0];")


@pytest.mark.parametrize("head", [HEAD_2, HEAD_3])
def test_gate_definitions_that_double_forty_times_are_stopped(head):
    doubling = "".join(f"gate g{i} a {{ g{i - 1} a; g{i - 1} a; }}\n" for i in range(1, 40))
    with pytest.raises(BadInput, match="instructions"):
        read(f"{head}gate g0 a {{ x a; }}\n{doubling}g39 q[0];")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["", HEAD_2, HEAD_3, "OPENQASM 3;", "OPENQASM 2.0;"]))
def test_arbitrary_text_is_read_or_refused(text, head):
    refused_or_read(head + text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), st.sampled_from([HEAD_2, HEAD_3]))
def test_scrambled_programs_are_read_or_refused(text, head):
    refused_or_read(head + text)


def refused_or_read(text):
    try:
        record = read(text, "some.qasm")
    except BadInput as error:
        assert error.file == "some.qasm"
        assert error.rule
    else:
        assert record_from_json(record.to_json()) == record


def test_qiskit_programs_with_feedback_are_read_the_same():
    written = QuantumCircuit(2, 2)
    written.h(0)
    written.measure(0, 0)
    with written.if_test((written.clbits[0], 1)):
        written.x(1)
    written.measure(1, 1)
    found = simulator.probabilities(read(qasm3.dumps(written)))
    assert found == pytest.approx({"00": 0.5, "11": 0.5}, abs=1e-14)


WITHOUT_SIMULATORS = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("qiskit", "numpy", "scipy", "numba", "stim"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from shared.circuits.reader import read
two = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[4]; c3x q[0],q[1],q[2],q[3]; rccx q[0],q[1],q[2];'
three = 'OPENQASM 3.0; include "stdgates.inc"; input float a; qubit[2] q; rx(a) q[0]; ctrl @ x q[0], q[1];'
print([read(text).n_qubits for text in (two, three)])
"""


def test_circuits_are_read_where_no_simulator_is_installed():
    done = subprocess.run([sys.executable, "-c", WITHOUT_SIMULATORS], capture_output=True, text=True)
    assert done.stdout == "[4, 2]\n", done.stderr
