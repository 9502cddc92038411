"""What is refused in words of the user's text, and not in those of the reference parser."""

import pytest

from novacron.errors import BadInput
from shared.circuits.reader import read
from workers.quantum.simulation.circuits import simulator

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit q;\n'


def refusal(body: str, head: str = HEAD) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(head + body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "place", "rule"),
    [
        ("/* x q;", (4, 1), "the comment is never closed"),
        (" /** x q; *", (4, 2), "the comment is never closed"),
        ("if (true) {\n x q;\n", (6, 1), "syntax error: the text ends before its last statement does"),
        ("uint n = 0b12;", (4, 13), "syntax error: unexpected '2', expected ';'"),
        ("int a;\n array[int[8], 1000, 1000] b;", (5, 2), "the array has more than 200000 elements"),
        ("rx(1 ? 2 : 3) q;", (4, 6), "syntax error: unexpected '?'"),
        ("} x q;", (4, 1), "syntax error: unexpected '}'"),
        ("def f(int n) -> int { return f(n + 1); }\nint z = f(1);", (4, 30), "blocks and calls are nested"),
    ],
)
def test_a_syntax_error_says_what_was_met_in_a_line(body, place, rule):
    error = refusal(body)
    assert (error.line, error.column) == place
    assert error.rule.startswith(rule)
    assert "{<EOF>" not in error.rule and len(error.rule) < 200


def test_a_comment_without_end_is_named_in_openqasm_2():
    error = refusal("x q[0]; /* y", 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\n')
    assert (error.line, error.column, error.rule) == (4, 9, "the comment is never closed")


@pytest.mark.parametrize(
    ("pragma", "cure"), [("noise bit_flip(0.2) q", "noise model"), ("unitary([[0]]) q", "U and")]
)
@pytest.mark.parametrize("mark", ["#pragma", "pragma"])
def test_pragmas_that_change_the_circuit_are_refused(pragma, cure, mark):
    error = refusal(f"x q;\n{mark} braket {pragma}\n")
    assert (error.line, error.column) == (5, 1)
    assert "changes the circuit" in error.rule and cure in (error.hint or "")


def test_other_pragmas_have_no_effect():
    body = (
        "#pragma braket verbatim\nbox {\nx q;\n}\n#pragma braket result state_vector\n#pragma noise braket\n"
    )
    assert simulator.probabilities(read(HEAD + body)) == {"1": pytest.approx(1.0)}


@pytest.mark.parametrize("number", ["1", "1.5", "1e3", ".5", "2. ", "1_000 "])
def test_microseconds_are_written_with_either_letter(number):
    for unit in ("us", "\u00b5s"):
        assert simulator.probabilities(read(f"{HEAD}delay[{number}{unit}] q; x q;")) == {
            "1": pytest.approx(1.0)
        }


@pytest.mark.parametrize("text", ["delay[1\u03bcs] q;", "\u00d7 q;"])
def test_other_letters_stay_refused(text):
    assert "U+" in refusal(text).rule and "write" in (refusal(text).hint or "")


def test_a_file_of_openqasm_2_to_include_is_told_where_its_gates_are():
    error = refusal("x q;", 'OPENQASM 3.0;\ninclude "qelib1.inc";\n')
    assert error.hint == "OpenQASM 3 has these gates in stdgates.inc"


@pytest.mark.parametrize("number", ["1" * 5_000, "0x" + "f" * 5_000, "1e" + "1" * 5_000, "." + "1" * 900_000])
@pytest.mark.parametrize("use", ["rx({}) q;", "x q[{}];", "int n = {};", "delay[{}ns] q;"])
def test_numbers_without_end_are_refused_at_their_place(number, use):
    error = refusal(use.format(number))
    assert (error.line, error.column) == (4, use.index("{") + 1)
    assert "at most 3500 characters in a number" in error.rule


@pytest.mark.parametrize("use", ["rx({}) q;", "x q[{}];", "pow({}) @ x q;", "ctrl({}) @ x q;", "bit[{}] c;"])
def test_numbers_that_fit_nothing_are_shown(use):
    assert refusal(use.format("0x" + "f" * 3_400)).line == 4


@pytest.mark.parametrize(("name", "here"), [("cnot", "cx"), ("CNOT", "cx"), ("si", "sdg"), ("vi", "sxdg")])
def test_a_gate_that_other_software_calls_otherwise_is_named(name, here):
    old = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\n'
    for error in (refusal(f"{name} q;"), refusal(f"{name} q[0];", old)):
        assert error.hint == f"did you mean {here!r}?"


HALVES = [
    "rx(1/2) q;", "rx(3/2*pi) q;", "rx(pi*(3/2)) q;", "rx(-1/2) q;", "rx((1/2)*t) q;", "rx(t + 1/2) q;",
    "rx(2**(1/2)) q;", "rx(sqrt(1/2)) q;", "U(0, 7/-2, 0) q;", "gphase(1/2);", "rx(10/4/2) q;",
    "if (c) rx(1/2) q;", "pow(1/2) @ x q;", "inv @ pow(-1/2) @ x q;", "ctrl @ pow(3/2) @ x q, r;",
    "gate root a { pow(1/2) @ x a; } root q;", "gate turn a { rx(3/2*pi) a; } turn q;", "float f = 1/2;",
    "const float f = 1/2;", "angle f = pi*(1/2);", "float f; f = 1/2;", "float f = 1; f *= 1/2;",
    "array[float, 2] f = {0.5, 1/2};", "array[float, 2] f; f[1] = 1/2;",
    "def turn(float f, qubit a) { rx(f) a; } turn(1/2, q);",
]  # fmt: skip


@pytest.mark.parametrize("body", HALVES)
def test_a_quotient_of_integer_literals_with_a_remainder_is_refused_where_a_real_number_is_wanted(body):
    error = refusal("qubit r; bit c; c = measure r; input float t;\n" + body)
    assert error.line == 5 and "divides integers" in error.rule and "write " in (error.hint or "")


NAMED_HALVES = [
    "pow(1/two) @ x q;", "rx(pi*(1/two)) q;", "rx(one/two) q;", "rx(n/2) q;", "gphase(n/two);",
    "rx(two*n/4) q;", "rx((n + 1)/3) q;", "rx(-n/2) q;", "rx(sqrt(n/2)) q;", "int k = floor(n/2);",
    "int k = 2 * 0.5 * (n/2);", "if (n/2 < 1.5) x q;", "float f = n/2;", "const float f = one/two;",
    "angle f = pi*(n/2);", "float f; f = n/2;", "float f = 1; f += n/2;", "rx(float(n/2)) q;",
    "rx(angle[8](n/two)) q;", "def half(int k) -> float { return k/2; } rx(half(n)) q;",
    "def turn(float f, qubit a) { rx(f) a; } turn(n/2, q);", "array[float, 2] f = {0.5, n/2};",
    "array[int, 2] k = {3, 4}; rx(k[0]/k[1]) q;", "for int i in [0:2] { rx(pi*(i/2)) q; }",
    "for int i in [2:3] pow(i/2) @ x q;", "for float f in {1.0, n/2} rx(f) q;", "delay[(n/2)*100ns] q;",
    "duration d = 100ns*(n/2);", "uint[8] u = 7; rx(u/two) q;", "rx(n/2 % 2) q;", "rx(mod(n/2, 2.5)) q;",
    "gate turn a { rx(pi*(one/two)) a; } turn q;",
]  # fmt: skip


@pytest.mark.parametrize("body", NAMED_HALVES)
def test_so_is_one_of_named_integers(body):
    declared = "const int one = 1; const int two = 2; int n = 3; qubit[2] pair;\n"
    error = refusal(declared + body)
    assert error.line == 5 and "divides integers (" in error.rule and "write " in (error.hint or "")


def test_a_quotient_that_cannot_be_printed_is_refused_with_its_numbers():
    error = refusal("qubit[2] pair; int n = 3; rx(n/sizeof(pair)) q;")
    assert error.rule.startswith("3 / 2 divides integers") and (error.hint or "").startswith("write 3.0 / 2")


@pytest.mark.parametrize(
    ("quotient", "told", "written"),
    [
        ("1/two", "1 / two divides integers (1 / 2), which gives 0", "write 1.0 / two, or int(1 / two) if 0"),
        ("n/2", "n / 2 divides integers (3 / 2), which gives 1", "write n / 2.0, or int(n / 2) if 1"),
        ("-n/two", "-n / two divides integers (-3 / 2), which gives -1", "write float(-n) / two"),
        ("(n + 2)/3", "(n + 2) / 3 divides integers (5 / 3), which gives 1", "write (n + 2) / 3.0"),
        ("1/2", "1 / 2 divides integers, which gives 0", "write 1.0 / 2, or 0 if that"),
    ],
)
def test_the_refusal_of_a_quotient_says_what_to_write(quotient, told, written):
    declared = "const int two = 2; int n = 3;\n"
    error = refusal(f"{declared}rx({quotient}) q;")
    assert error.rule.startswith(told) and (error.hint or "").startswith(written), str(error)
    cure = written.removeprefix("write ").split(", or")[0]
    read(f"{HEAD}{declared}rx({cure}) q;")


WHOLE = [
    "rx(4/2) q;", "rx(pi/2) q;", "rx(2*pi*5/8) q;", "rx(1/2.0) q;", "pow(2/2) @ x q;",
    "int n = 7/2; rx(n) q;", "int n = 8; rx(n/2) q;", "rx(int[8](7/2)) q;", "if (1/2 == 0) x q;",
    "float f = 1.0/2;", "float f; f = 3/3;", "gate root a { pow(1/2) @ x a; } x q;",
    "def f(int n) -> int { return n; } rx(f(7/2)) q;", "int n = 7; rx(int(n/2)) q;",
    "int n = 7; rx(pi*n/2) q;", "int n = 7; rx(n/2.0) q;", "float f = 7; rx(f/2) q;",
    "angle a = pi; rx(a/2) q;",
    "int n = 3; qubit[8] r; x r[n/2]; bit[n/2 + 1] c; for int i in [0:n/2] x r[i];", "int n = 7; n /= 2;",
    "int n = 3; if (n/2 == 1) x q;", "int n = 7; int k = popcount(n/2);", "int n = 7; ctrl(n/4) @ x q, r;",
    "def f(int n) -> int { return n/2; } rx(f(7)) q;", "uint[8] n = 7; rx(n/2 << 1) q;",
    "int n = 7; array[int, 2] k = {n/2, 1}; rx(pi*k[0]/2) q;", "for int i in {7/2, 1} rx(i) q;",
    "int n = 7; switch (n/2) { case 3 { x q; } }",
]  # fmt: skip


@pytest.mark.parametrize("body", WHOLE)
def test_other_quotients_are_read(body):
    read(HEAD + ("qubit r;" if " r;" in body and "qubit[8] r" not in body else "") + body)


def test_the_roots_of_the_published_stdgates_are_refused_where_they_are_used():
    """`sx`, `s` and `t` as OpenQASM 3.0 publishes them: with integers divided, all three are the identity."""
    gates = "gate x a { U(pi, 0, pi) a; } gate sx a { pow(1/2) @ x a; }\nqubit q;\n"
    error = refusal("sx q;", "OPENQASM 3.0;\n" + gates)
    assert error.line == 2 and error.rule.startswith("1 / 2 divides integers, which gives 0")
    assert "gate sx is applied in line 4" in (error.hint or "") or "write 1.0 / 2" in (error.hint or "")
    read("OPENQASM 3.0;\n" + gates + "x q;")
