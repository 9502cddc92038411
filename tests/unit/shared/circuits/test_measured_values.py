"""Programs that compute with measured bits, with distributions worked out by hand, on every simulator."""

import math

import pytest

from shared.circuits.reader import read
from shared.circuits.validation import record_from_json
from tests.unit.workers.quantum.simulation.noise.noisy import HEADER, run

HALF = {"0": 0.5, "1": 0.5}
PROGRAMS = {
    "a bit copied": (
        "qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; c[1] = c[0];",
        {"00": 0.5, "11": 0.5},
    ),
    "repeat until success": ("qubit q; bit c = 1; while (c) { h q; c = measure q; }", {"0": 1.0}),
    "a counter in a loop": (
        "qubit q; bit r; int i = 0; while (i < 3) { h q; r = measure q; if (r) { i += 1; } }",
        {"1": 1.0},
    ),
    "a sum of bits": (
        "qubit[2] q; bit[2] c; h q; c = measure q; int s = 0; for bit b in c { s += b; } bit[2] o;"
        'switch (s) { case 0 { o = "11"; } case 1 { o = "01"; } default { o = "10"; } }',
        {"0011": 0.25, "1010": 0.25, "0110": 0.25, "1101": 0.25},
    ),
    "wraparound": (
        "qubit[2] q; bit[2] c; x q; c = measure q; uint[2] n = c; n += 1; bit[2] o = n;",
        {"1100": 1.0},
    ),
    "signed comparison": (
        "qubit[3] q; bit[3] c; bit o; x q; c = measure q; if (int[3](c) < 0) { o = 1; }",
        {"1111": 1.0},
    ),
    "break in a while loop that counts": (
        "qubit[3] q; bit[3] c; int i = 0;"
        "while (i < 3) { h q[i]; c[i] = measure q[i]; if (c[i]) break; i += 1; }",
        {"000": 0.125, "001": 0.125, "010": 0.25, "100": 0.5},
    ),
    "break in a for loop": (
        "qubit[3] q; bit[3] c; for int i in [0:2] { h q[i]; c[i] = measure q[i]; if (c[i]) break; }",
        {"000": 0.125, "001": 0.125, "010": 0.25, "100": 0.5},
    ),
    "continue": (
        "qubit[3] q; bit[3] c; for int i in [0:2] { h q[i]; c[i] = measure q[i]; if (c[i]) continue;"
        "x q[i]; c[i] = measure q[i]; }",
        {"111": 1.0},
    ),
    "break in an endless loop": (
        "qubit q; bit c; uint[3] n; bit[3] o;"
        "while (true) { h q; c = measure q; if (c || n == 2) break; n += 1; } o = n;",
        {"1000": 0.5, "1100": 0.25, "1010": 0.125, "0010": 0.125},
    ),
    "end": (
        "qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; if (c[0]) end; x q[1]; c[1] = measure q[1];",
        {"01": 0.5, "10": 0.5},
    ),
    "return under a condition": (
        "def f(qubit q) -> bit { bit b = measure q; if (b) { return 1; } x q; b = measure q; return !b; }"
        "qubit q; bit[2] c; h q; c[0] = f(q); c[1] = measure q;",
        {"01": 0.5, "11": 0.5},
    ),
    "the right operand of && is not always evaluated": (
        "def g(qubit q) -> bit { return measure q; } def flip(qubit q) -> bit { x q; return measure q; }"
        "qubit[2] q; bit c; bit d; h q[0]; if (g(q[0]) && flip(q[1])) { c = 1; } d = measure q[1];",
        {"00": 0.5, "11": 0.5},
    ),
    "bits assigned and computed with": (
        'qubit[2] q; bit[2] c = "01"; bit[2] d; c = c ^ "11"; d = measure q; if (c == 2) x q[0];'
        "d[0] = measure q[0];",
        {"0110": 1.0},
    ),
    "elements at measured positions": (
        "array[uint[4], 2, 3] a = {{1, 2, 3}, {4, 5, 6}}; qubit[2] q; bit[2] c; bit[4] o; h q;"
        "c = measure q; a[1, int(c) % 3] = 9; o = bit[4](a[1][0]);",
        {"001001": 0.25, "100010": 0.25, "010010": 0.25, "111001": 0.25},
    ),
    "an array changed by reference": (
        "def add(mutable array[int[8], #dim=1] a, int[8] k) { for int i in [0:sizeof(a)-1] { a[i] += k; } }"
        "array[int[8], 3] w = {1, 2, 3}; qubit q; bit c; bit[4] o; h q; c = measure q; if (c) add(w, 5);"
        "int[8] last = w[2]; o = last[0:3];",
        {"01100": 0.5, "10001": 0.5},
    ),
    "iterative phase estimation": (
        "qubit q; qubit r; bit[3] c; x r; angle[3] t = 0; for uint i in [1:3] { reset q; h q;"
        "ctrl @ pow(2 ** (3 - i)) @ p(2 * pi * 5 / 8) q, r; p(-t) q; h q; bit b = measure q; c[i - 1] = b;"
        "if (b) { t += pi; } t >>= 1; }",
        {"101": 1.0},
    ),
    "a range with a measured end": (
        "qubit[2] q; qubit a; bit[2] c; bit d; h q; c = measure q; for int i in [1:int(c)] { x a; }"
        "d = measure a;",
        {"000": 0.25, "101": 0.25, "010": 0.25, "111": 0.25},
    ),
    "a qubit at a measured position": (
        "qubit[2] q; qubit[4] a; bit[2] c; bit[4] d; h q; c = measure q; x a[uint(c)]; d = measure a;",
        {"001000": 0.25, "100100": 0.25, "010010": 0.25, "110001": 0.25},
    ),
    "a measurement whose result goes nowhere": ("qubit q; bit c; h q; measure q; h q; c = measure q;", HALF),
    "bits of an integer": (
        "qubit q; bit[4] c; uint[4] n; h q; c[0] = measure q; n = c; n[2] = c[0]; c = n;",
        {"0000": 0.5, "1010": 0.5},
    ),
    "an angle decided by a measurement": (
        "qubit q; bit c; float a = 0.5; h q; c = measure q; if (c) { a = pi; reset q; } rx(a) q;"
        "c = measure q;",
        {"1": 0.5 + 0.5 * math.sin(0.25) ** 2, "0": 0.5 * math.cos(0.25) ** 2},
    ),
    "a block that is never entered": (
        "qubit q; bit c; bit o; x q; if (c == 1) { o = measure q; reset q; } else { h q; h q; }",
        {"00": 1.0},
    ),
    "wide conditions": (
        "qubit[14] q; bit[14] c; bit o; x q; c = measure q; if (popcount(c) == 14 && c > 5) { o = 1; }",
        {"1" * 15: 1.0},
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_probabilities_are_those_worked_out_by_hand(name):
    text, wanted = PROGRAMS[name]
    record = read(HEADER + text)
    assert record_from_json(record.to_json()) == record
    for backend in ("statevector", "density_matrix") if record.n_qubits < 9 else ("statevector",):
        found = run(backend, record)["probabilities"]
        assert found == pytest.approx(wanted, abs=1e-12), backend


@pytest.mark.parametrize("name", PROGRAMS)
def test_samples_follow_them(name):
    text, wanted = PROGRAMS[name]
    for backend in ("statevector", "trajectories"):
        counts = run(backend, HEADER + text, shots=1000, seed=3)["counts"]
        assert set(counts) <= set(wanted), backend
        for outcome, chance in wanted.items():
            spread = 5 * math.sqrt(1000 * chance * (1 - chance))
            assert abs(counts.get(outcome, 0) - 1000 * chance) <= spread, (backend, outcome)
