"""The stabilizer backend against the state vector and the density matrix."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.circuits.gates import GATES
from shared.circuits.instruction import Gate, Measure, Reset, Unitary
from shared.circuits.reader import read
from shared.circuits.record import CircuitRecord
from tests.unit.workers.quantum.simulation.noise.noisy import BELL, HEADER, distance, frequencies, run
from tests.unit.workers.quantum.simulation.noise.test_trajectories import chi_square
from workers.quantum.simulation.circuits.clifford import NotCliffordError
from workers.quantum.simulation.ir.refusal import CircuitError

DATA = Path(__file__).parents[5] / "data" / "cases" / "circuits"
CLIFFORD = [name for name in GATES if name not in ("t", "tdg", "ch", "cs", "csdg", "csx", "gphase")]
TWICE = {"cp", "crx", "cry", "crz", "cu", "xx_plus_yy", "xx_minus_yy"}


@st.composite
def clifford_gates(draw, n):
    name = draw(st.sampled_from([one for one in CLIFFORD if GATES[one][0] <= min(n, 2)]))
    width, n_angles = GATES[name]
    step = math.pi if name in TWICE else math.pi / 2
    angles = tuple(step * draw(st.integers(-4, 4)) for _ in range(n_angles))
    return Gate(name, tuple(draw(st.permutations(range(n)))[:width]), angles)


@st.composite
def clifford_circuits(draw, inside=True):
    n = draw(st.integers(1, 4))
    steps = [clifford_gates(n)] * 4
    if inside:
        steps += [st.builds(Reset, st.integers(0, n - 1))]
        steps += [st.builds(Measure, st.integers(0, n - 1), st.integers(0, n - 1))]
    instructions = draw(st.lists(st.one_of(steps), max_size=12))
    return CircuitRecord(n, (), (("c", n),), tuple(instructions))


@settings(max_examples=40, deadline=None)
@given(record=clifford_circuits(inside=False))
def test_exact_probabilities_are_the_state_vectors(record):
    found = run("stabilizer", record)["probabilities"]
    assert distance(found, run("statevector", record)["probabilities"]) < 1e-10


@settings(max_examples=25, deadline=None)
@given(record=clifford_circuits())
def test_samples_follow_the_state_vector(record):
    exact = run("statevector", record)["probabilities"]
    counts = run("stabilizer", record, shots=4096, seed=2)["counts"]
    assert set(counts) <= set(exact)
    assert distance(frequencies(counts), exact) < 0.06


@settings(max_examples=40, deadline=None)
@given(record=clifford_circuits(), letters=st.lists(st.sampled_from("IXYZ"), min_size=4, max_size=4))
def test_expectations_are_the_density_matrixs_with_noise(record, letters):
    noise = {"errors": [
        {"name": "depolarizing", "p": 0.1},
        {"name": "pauli", "probabilities": {"XZ": 0.1, "YY": 0.05}},
        {"name": "phase_damping", "lam": 0.2},
    ]}  # fmt: skip
    string = "".join(letters[: record.n_qubits])
    want = run("density_matrix", record, noise, observables=[string])["expectations"]
    found = run("stabilizer", record, noise, shots=1, observables=[string])["expectations"]
    assert found == pytest.approx(want, abs=1e-10)


INSIDE = (
    HEADER
    + """qubit[3] q; bit[3] c; U(pi/2, 0, pi) q[0]; cx q[0], q[1]; rz(pi/2) q[2]; sx q[2];
c[0] = measure q[0]; reset q[0]; h q[0]; c[1] = measure q[1]; c[2] = measure q[2];"""
)


@pytest.mark.parametrize("circuit", [BELL, INSIDE])
def test_pauli_noise_and_uneven_readings_are_applied_as_they_are(circuit):
    noise = {
        "errors": [{"name": "depolarizing", "p": 0.1, "gates": ["cx"]}, {"name": "bit_flip", "p": 0.03}],
        "readout": [[0.98, 0.02], [0.05, 0.95]],
    }
    exact = run("density_matrix", circuit, noise)["probabilities"]
    found = run("stabilizer", circuit, noise, shots=40_000, seed=8)
    assert chi_square(found["counts"], exact) < 3.0
    assert found["receipt"] == {"noise_applied": "as it is: Pauli channels"}


def test_other_noise_is_twirled_and_the_receipt_says_so():
    noise = {"errors": [{"name": "amplitude_damping", "gamma": 0.3, "gates": ["x"]}]}
    found = run("stabilizer", HEADER + "qubit q; x q;", noise, shots=40_000, seed=1, observables=["Z"])
    assert "Pauli-twirled" in found["receipt"]["noise_applied"]
    # The twirl of decay keeps the diagonal of the transfer matrix: Z shrinks by 1 - gamma.
    assert found["expectations"]["Z"] == pytest.approx(-0.7, abs=1e-12)
    assert found["counts"]["1"] / 40_000 == pytest.approx(0.85, abs=0.01)


def test_a_matrix_that_is_clifford_is_taken_whatever_its_name():
    h = math.sqrt(0.5)
    hadamard = Unitary((1,), ((h, h), (h, -h)))
    record = CircuitRecord(2, (), (), (hadamard, Gate("u", (0,), (math.pi / 2, 0.0, math.pi))))
    assert run("stabilizer", record)["probabilities"] == pytest.approx(
        dict.fromkeys(["00", "01", "10", "11"], 0.25)
    )


@pytest.mark.parametrize(
    ("gates", "message"),
    [
        ("h q[0]; cx q[0], q[1]; t q[1];", r"t is not Clifford, at instructions\[2\]"),
        ("x q[0]; rz(0.3) q[0];", r"rz\(0.3\) is not Clifford, at instructions\[1\]"),
        ("x q[0]; rz(pi/2 + 1e-6) q[0];", "is not Clifford"),
        ("bit c; c = measure q[0]; if (c) { s q[1]; t q[1]; }", r"instructions\[1\].then\[1\]"),
    ],
)
def test_a_gate_that_is_not_clifford_is_named_with_its_position(gates, message):
    with pytest.raises(NotCliffordError, match=message):
        run("stabilizer", HEADER + "qubit[2] q; " + gates, shots=1)


TELEPORT = (
    HEADER
    + """qubit[3] q; bit[2] m; bit r; s q[0]; h q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1];
h q[0]; m[0] = measure q[0]; m[1] = measure q[1]; if (m[1]) { x q[2]; } if (m[0]) { z q[2]; }
h q[2]; r = measure q[2];"""
)


def test_pauli_gates_may_depend_on_a_bit():
    exact = run("statevector", TELEPORT)["probabilities"]
    counts = run("stabilizer", TELEPORT, shots=8192, seed=3)["counts"]
    assert set(counts) == set(exact)
    otherwise = HEADER + "qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0];" \
        "if (c[0] == 0) { y q[1]; } else { z q[1]; } c[1] = measure q[1];"  # fmt: skip
    assert set(run("stabilizer", otherwise, shots=100)["counts"]) == {"01", "10"}


def test_a_condition_on_bits_never_measured_is_decided_at_once():
    text = HEADER + "qubit q; bit[2] c; if (c[1]) { h q; } else { x q; } c[0] = measure q;"
    assert run("stabilizer", text, shots=10)["counts"] == {"10": 10}


DYNAMIC = {
    "a condition on several bits, on gates that are no Pauli gates": (
        "qubit[3] q; bit[3] c; h q; c[0] = measure q[0]; c[1] = measure q[1];"
        "if (c[0] && c[1]) { h q[2]; } else { reset q[2]; x q[2]; } c[2] = measure q[2];"
    ),
    "a loop": (
        "qubit[2] q; bit[2] c = 1; while (c[0]) { h q[0]; cx q[0], q[1]; c[0] = measure q[0]; reset q[0]; }"
        "h q[1]; c[1] = measure q[1];"
    ),
    "what is computed": (
        "qubit[4] q; bit[4] c; uint[3] n; h q[0]; h q[1]; h q[2]; c[0] = measure q[0]; c[1] = measure q[1];"
        "c[2] = measure q[2]; n = c; n = 3 * n + 1; if (n > 3) { x q[3]; s q[3]; h q[3]; }"
        "c[3] = measure q[3];"
    ),
}


@pytest.mark.parametrize("name", DYNAMIC)
def test_circuits_go_on_by_what_was_measured(name):
    record = read(HEADER + DYNAMIC[name])
    exact = run("statevector", record)["probabilities"]
    assert run("stabilizer", record)["probabilities"] == pytest.approx(exact, abs=1e-12)
    assert chi_square(run("stabilizer", record, shots=20_000, seed=3)["counts"], exact) < 3.0
    strings = ["Z" * record.n_qubits, "X" + "I" * (record.n_qubits - 1)]
    want = run("statevector", record, observables=strings)["expectations"]
    assert run("stabilizer", record, observables=strings)["expectations"] == pytest.approx(want, abs=1e-12)


@pytest.mark.parametrize("name", DYNAMIC)
def test_and_with_noise_shot_by_shot(name):
    noise = {
        "errors": [{"name": "depolarizing", "p": 0.1}],
        "readout": [[0.98, 0.02], [0.05, 0.95]],
    }
    record = read(HEADER + DYNAMIC[name])
    exact = run("density_matrix", record, noise)["probabilities"]
    assert chi_square(run("stabilizer", record, noise, shots=10_000, seed=3)["counts"], exact) < 3.0


def test_forty_qubits_with_feedback():
    text = (DATA / "clifford_feedforward_40.qasm").read_text()
    counts = run("stabilizer", text, shots=200, seed=1)["counts"]
    assert sum(counts.values()) == 200


def test_exact_results_of_what_must_be_sampled_are_refused():
    with pytest.raises(CircuitError, match="give shots"):
        run("stabilizer", BELL, "depolarizing")


def test_a_thousand_qubits_and_a_hundred_thousand_shots():
    n = 1000
    gates = (Gate("h", (0,)), *(Gate("cx", (i, i + 1)) for i in range(n - 1)))
    record = CircuitRecord(n, (), (("c", n),), (*gates, *(Measure(i, i) for i in range(n))))
    counts = run("stabilizer", record, shots=100_000, seed=1)["counts"]
    assert set(counts) == {"0" * n, "1" * n}
    assert counts["0" * n] == pytest.approx(50_000, abs=1000)
    assert run("stabilizer", record)["probabilities"] == {"0" * n: 0.5, "1" * n: 0.5}
