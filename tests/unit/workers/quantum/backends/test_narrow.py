"""Circuits on their active qubits: the same answers as on all, at the cost of a few."""

import pytest

from shared.circuits.reader import read
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from testing.perfect_device import PERFECT
from tests.unit.workers.quantum.simulation.noise.noisy import HEADER, distance, frequencies, run
from tests.unit.workers.quantum.simulation.noise.test_differential import answer
from workers.quantum.simulation.circuits.outcomes import OutcomeLimitError

WIDE = HEADER + "qubit[127] q; bit[127] c; h q[77]; cx q[77], q[3]; "
READ = "c = measure q;"
DRIFTING = {
    "errors": [
        {"name": "depolarizing", "p": 0.1, "gates": ["h", "cx", "t"]},
        {"name": "crosstalk", "pairs": [[0, 2, 0.2]], "gates": ["h", "cx", "t"]},
    ],
    "drift": {"sigma": 0.5, "correlation_length": 3.0},
}
every = pytest.mark.parametrize(
    "backend",
    [name for name, row in BACKENDS.items() if row.circuits and not row.missing and not row.provider],
)


def job(text, backend, noise=None, observables=(), shots=None, seed=1):
    return answer(read(text).to_json(), noise, backend, observables, shots, seed)


def ones(*qubits):
    return "".join(str(int(qubit in qubits)) for qubit in range(127))


@every
def test_a_wide_circuit_runs_on_its_active_qubits(backend, monkeypatch):
    monkeypatch.setattr(devices, "load", lambda name: PERFECT)
    z, x = ("".join(letter if q in places else "I" for q in range(127)) for letter, places in
            (("Z", (3, 77, 100)), ("X", (100,))))  # fmt: skip
    found = job(WIDE + READ, backend, observables=[z, x], shots=4000)
    assert set(found["counts"]) == {ones(), ones(3, 77)}
    assert found["expectations"] == pytest.approx({z: 1.0, x: 0.0}, abs=1e-12)
    assert found["n_qubits"] == 127
    assert BACKENDS[backend].devices or found["n_active_qubits"] == 2


@pytest.mark.parametrize("backend", ["statevector", "density_matrix", "stabilizer"])
def test_outcomes_keep_their_width(backend):
    assert job(WIDE + READ, backend)["probabilities"] == pytest.approx({ones(): 0.5, ones(3, 77): 0.5})
    unmeasured = job(WIDE, backend)
    assert unmeasured["measured"] == "all qubits"
    assert unmeasured["probabilities"] == pytest.approx({ones(): 0.5, ones(3, 77): 0.5})


def test_idle_qubits_are_misread_each_by_its_own_matrix():
    noise = {"readout": [
        {"matrix": [[0.9, 0.1], [0.3, 0.7]], "qubits": [5]}, {"matrix": [[0.8, 0.2], [0, 1]], "qubits": [6]},
    ]}  # fmt: skip
    text = WIDE + "c[0] = measure q[5]; c[1] = measure q[6];"
    found = job(text, "density_matrix", noise)
    want = {(): 0.72, (0,): 0.08, (1,): 0.18, (0, 1): 0.02}
    assert found["probabilities"] == pytest.approx({ones(*bits): p for bits, p in want.items()})
    for backend in ("density_matrix", "trajectories", "stabilizer"):
        counts = job(text, backend, noise, shots=20_000)["counts"]
        assert distance(frequencies(counts), found["probabilities"]) < 0.02


def test_idle_qubits_are_read_before_the_end_too():
    noise = {"readout": [{"matrix": [[0.9, 0.1], [0.3, 0.7]], "qubits": [5]}]}
    text = WIDE + "c[0] = measure q[5]; c[2] = measure q[90]; if (c[0]) { x q[77]; } c[1] = measure q[77];"
    found = job(text, "density_matrix", noise)["probabilities"]
    assert found == pytest.approx({ones(): 0.45, ones(1): 0.45, ones(0): 0.05, ones(0, 1): 0.05})
    assert job(text, "statevector")["probabilities"] == pytest.approx({ones(): 0.5, ones(1): 0.5})


def test_a_bit_written_before_an_idle_qubit_is_read_into_it_is_overwritten():
    text = HEADER + "qubit[3] q; bit[1] c; x q[0]; c[0] = measure q[0]; c[0] = measure q[2];"
    assert job(text, "statevector")["probabilities"] == {"0": 1.0}


@pytest.mark.parametrize("text", ["", "c = measure q;", "reset q;", "id q; barrier q;"])
def test_a_circuit_that_does_nothing_reads_0(text):
    found = job(HEADER + "qubit[127] q; bit[127] c; " + text, "statevector")
    assert found["probabilities"] == {ones(): 1.0} and found["n_active_qubits"] == 1


def test_crosstalk_makes_its_target_active():
    noise = {"errors": [{"name": "crosstalk", "pairs": [[3, 9, 0.25]], "pauli": "IX"}]}
    found = job(HEADER + "qubit[127] q; bit c; x q[3]; c = measure q[9];", "density_matrix", noise)
    assert found["probabilities"] == pytest.approx({"0": 0.75, "1": 0.25})
    assert found["n_active_qubits"] == 2


def test_what_is_left_out_leaves_the_drift_of_rates_as_it_is():
    text = HEADER + (
        "qubit[6] q; bit[6] c; reset q; id q[5]; h q[0]; c[3] = measure q[4]; reset q[3]; cx q[0], q[1]; "
        "if (c[3]) { x q[0]; } t q[0]; reset q[4]; h q[0]; c[0] = measure q[0]; c[1] = measure q[1];"
    )
    whole = run("density_matrix", text, DRIFTING, observables=["ZXIIII"])
    found = job(text, "density_matrix", DRIFTING, ["ZXIIII"])
    assert found["n_active_qubits"] == 4  # two that are acted on, one disturbed, one read before the end
    assert found["probabilities"] == pytest.approx(whole["probabilities"], abs=1e-12)
    assert found["expectations"] == pytest.approx(whole["expectations"], abs=1e-12)


def test_a_list_that_is_too_long_is_left_out_beside_expectation_values(monkeypatch):
    monkeypatch.setattr("workers.quantum.simulation.circuits.outcomes.MAX_OUTCOMES", 8)
    for backend, shots in (("statevector", None), ("statevector", 500), ("trajectories", 500),
                           ("stabilizer", None), ("stabilizer", 500), ("density_matrix", None)):  # fmt: skip
        found = job(HEADER + "qubit[5] q; h q;", backend, observables=["XXXXX"], shots=shots)
        assert found["expectations"] == pytest.approx({"XXXXX": 1.0})
        assert "counts" not in found and "probabilities" not in found
        with pytest.raises(OutcomeLimitError, match="ask for"):
            job(HEADER + "qubit[5] q; h q;", backend, shots=shots)


def test_an_expectation_value_of_22_qubits_needs_no_list():
    text = HEADER + "qubit[22] q; h q; rx(0.3) q[0];"
    for backend in ("statevector", "stabilizer"):
        plain = text if backend == "statevector" else HEADER + "qubit[22] q; h q;"
        found = job(plain, backend, observables=["X" * 22])
        assert found["expectations"]["X" * 22] == pytest.approx(1.0, abs=1e-13)
