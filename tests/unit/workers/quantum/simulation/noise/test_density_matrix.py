"""The density-matrix backend against closed forms, and against Qiskit Aer with the same noise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qasm2
from qiskit.circuit.random import random_circuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel as AerNoise
from qiskit_aer.noise import (
    amplitude_damping_error,
    depolarizing_error,
    kraus_error,
    pauli_error,
    phase_damping_error,
    thermal_relaxation_error,
)

from tests.unit.workers.quantum.simulation.noise.noisy import BELL, HEADER, distance, frequencies, run
from workers.quantum.simulation.ir.refusal import CircuitError
from workers.quantum.simulation.noise.density import BranchLimitError

ALL = ("purity", "entropy", "fidelity")


def entropy_bits(*eigenvalues):
    return -sum(p * math.log2(p) for p in eigenvalues if p > 0)


def bell(error, **asked):
    return run("density_matrix", BELL, {"errors": [{"gates": ["cx"], **error}]}, analyze=ALL, **asked)


@pytest.mark.parametrize("p", [0.0, 0.01, 0.05, 0.1, 0.5, 1.0])
def test_a_depolarized_bell_pair_has_its_closed_forms(p):
    found = bell({"name": "depolarizing", "p": p})
    eigenvalues = (1 - 3 * p / 4, p / 4, p / 4, p / 4)
    assert found["fidelity"] == pytest.approx(1 - 3 * p / 4, abs=1e-10)
    assert found["purity"] == pytest.approx((1 - p) ** 2 + (1 - (1 - p) ** 2) / 4, abs=1e-10)
    assert found["entropy_bits"] == pytest.approx(entropy_bits(*eigenvalues), abs=1e-10)
    if p == 0.1:
        assert (found["fidelity"], found["purity"]) == pytest.approx((0.925, 0.8575), abs=1e-10)
        assert found["entropy_bits"] == pytest.approx(0.5031837, abs=1e-7)


@pytest.mark.parametrize("gamma", [0.05, 0.1, 0.3])
def test_a_damped_bell_pair_has_its_closed_forms(gamma):
    found = bell({"name": "amplitude_damping", "gamma": gamma})
    kept = 1 - gamma
    # Populations of 00 and 11 with their coherence, and twice gamma kept / 2.
    block = np.linalg.eigvalsh([[(1 + gamma**2) / 2, kept / 2], [kept / 2, kept**2 / 2]])
    eigenvalues = (*block, gamma * kept / 2, gamma * kept / 2)
    assert found["fidelity"] == pytest.approx((1 + kept**2 + gamma**2) / 4 + kept / 2, abs=1e-10)
    assert found["purity"] == pytest.approx(sum(p * p for p in eigenvalues), abs=1e-10)
    assert found["entropy_bits"] == pytest.approx(entropy_bits(*eigenvalues), abs=1e-10)
    if gamma == 0.1:
        assert (found["fidelity"], found["purity"]) == pytest.approx((0.905, 0.8281), abs=1e-10)
        assert found["entropy_bits"] == pytest.approx(0.5490296, abs=1e-7)


def test_phase_damping_shrinks_the_coherence_of_both_qubits():
    found = bell({"name": "phase_damping", "lam": 0.1})
    assert (found["fidelity"], found["purity"]) == pytest.approx((0.95, 0.905), abs=1e-10)


def test_relaxation_follows_t1_and_t2():
    t1, t2, t = 50e-6, 70e-6, 300e-9
    times = {"name": "thermal_relaxation", "t1_s": t1, "t2_s": t2, "duration_s": t}
    g = -math.expm1(-t / t1)
    want = (1 + (1 - g) ** 2 + g**2) / 4 + math.exp(-2 * t / t2) / 2
    assert bell(times)["fidelity"] == pytest.approx(want, abs=1e-10)
    excited = run("density_matrix", HEADER + "qubit q; x q;", {"errors": [{**times, "duration_s": 10e-6}]})
    assert excited["probabilities"]["1"] == pytest.approx(math.exp(-10 / 50), abs=1e-10)


def test_a_thermal_population_is_what_decay_ends_in():
    hot = {"name": "amplitude_damping", "gamma": 1.0, "excited_population": 0.2}
    found = run("density_matrix", HEADER + "qubit q; h q;", {"errors": [hot]})["probabilities"]
    assert found == pytest.approx({"0": 0.8, "1": 0.2}, abs=1e-12)


def test_readings_err_by_the_confusion_matrix():
    found = run("density_matrix", BELL, {"readout": [[0.98, 0.02], [0.05, 0.95]]})["probabilities"]
    want = {"00": 0.48145, "11": 0.45145, "01": 0.03355, "10": 0.03355}
    assert found == pytest.approx(want, abs=1e-10)


def test_expectations_are_those_before_readings_err():
    noise = {"errors": [{"name": "depolarizing", "p": 0.1, "gates": ["cx"]}], "readout": [[0.5, 0.5]] * 2}
    found = run("density_matrix", BELL, noise, observables=["XX", "ZI", "YY"])["expectations"]
    assert found == pytest.approx({"XX": 0.9, "ZI": 0.0, "YY": -0.9}, abs=1e-12)


def aer(circuit, noise):
    """Density matrix by Aer, qubit 0 most significant."""
    circuit = circuit.reverse_bits()
    circuit.save_density_matrix()
    simulator = AerSimulator(method="density_matrix", noise_model=noise)
    return np.asarray(simulator.run(circuit, shots=1).result().data()["density_matrix"])


TWO_BITS = [("XX", 0.03), ("YZ", 0.02), ("IX", 0.01), ("II", 0.94)]
KRAUS = [
    [[math.sqrt(0.7), 0], [0, math.sqrt(0.7)]],
    [[0, [0, -math.sqrt(0.2)]], [math.sqrt(0.2), 0]],
    [[math.sqrt(0.1), 0], [0, [-math.sqrt(0.1), 0]]],
]
GATES = ["h", "x", "sx", "t", "rz", "ry", "u", "cx", "cz", "swap", "rzz"]


@st.composite
def circuits(draw):
    n = draw(st.integers(1, 4))
    circuit = QuantumCircuit(n)
    for name in draw(st.lists(st.sampled_from(GATES), min_size=1, max_size=12)):
        width, angles = {"rz": (1, 1), "ry": (1, 1), "u": (1, 3), "rzz": (2, 1)}.get(
            name, (2 if name in ("cx", "cz", "swap") else 1, 0)
        )
        if width <= n:
            qubits = draw(st.permutations(range(n)))[:width]
            getattr(circuit, name)(*(draw(st.floats(-4, 4)) for _ in range(angles)), *qubits)
    return circuit


@settings(max_examples=25, deadline=None)
@given(circuit=circuits())
def test_states_agree_with_aer_under_every_channel(circuit):
    noise = AerNoise()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.07, 2), ["cx"])
    noise.add_all_qubit_quantum_error(depolarizing_error(0.05, 1), ["h"])
    noise.add_all_qubit_quantum_error(pauli_error([("X", 0.04), ("I", 0.96)]), ["x"])
    noise.add_all_qubit_quantum_error(amplitude_damping_error(0.1, 0.2), ["sx"])
    noise.add_all_qubit_quantum_error(phase_damping_error(0.15), ["t"])
    noise.add_all_qubit_quantum_error(thermal_relaxation_error(50, 70, 3, 0.1), ["ry"])
    noise.add_all_qubit_quantum_error(kraus_error([np.array(_plain(k)) for k in KRAUS]), ["u"])
    noise.add_all_qubit_quantum_error(pauli_error([(s[::-1], p) for s, p in TWO_BITS]), ["cz"])
    ours = {"errors": [
        {"name": "depolarizing", "p": 0.07, "gates": ["cx"]},
        {"name": "depolarizing", "p": 0.05, "gates": ["h"]},
        {"name": "bit_flip", "p": 0.04, "gates": ["x"]},
        {"name": "amplitude_damping", "gamma": 0.1, "excited_population": 0.2, "gates": ["sx"]},
        {"name": "phase_damping", "lam": 0.15, "gates": ["t"]},
        {"name": "thermal_relaxation", "t1_s": 50, "t2_s": 70, "duration_s": 3, "excited_population": 0.1,
         "gates": ["ry"]},
        {"name": "kraus", "operators": KRAUS, "gates": ["u"]},
        {"name": "pauli", "probabilities": dict(TWO_BITS), "gates": ["cz"]},
    ]}  # fmt: skip
    n = circuit.num_qubits
    want = aer(circuit, noise)
    strings = ["X" * n, "Z" * n, "Y" + "I" * (n - 1), "I" * (n - 1) + "Z"]
    found = run("density_matrix", qasm2.dumps(circuit), ours, observables=strings, analyze=["purity"])
    assert found["purity"] == pytest.approx(np.trace(want @ want).real, abs=1e-10)
    diagonal = {f"{i:0{n}b}": p for i, p in enumerate(np.diag(want).real)}
    assert distance(found["probabilities"], diagonal) < 1e-10
    for string, value in found["expectations"].items():
        assert value == pytest.approx(np.trace(_matrix(string) @ want).real, abs=1e-10)


def _plain(rows):
    return [[complex(*entry) if isinstance(entry, list) else entry for entry in row] for row in rows]


def _matrix(string):
    from workers.quantum.simulation.ir.gates import pauli

    return pauli(string)


@settings(max_examples=10, deadline=None)
@given(n=st.integers(1, 6), depth=st.integers(1, 8), seed=st.integers(0, 2**31))
def test_without_noise_it_is_the_state_vector(n, depth, seed):
    text = qasm2.dumps(random_circuit(n, depth, max_operands=min(n, 3), seed=seed, measure=True))
    found = run("density_matrix", text)["probabilities"]
    assert distance(found, run("statevector", text)["probabilities"]) < 1e-12


FEEDBACK = (
    HEADER
    + """qubit[3] q; bit[3] c; ry(1.1) q[0]; cx q[0], q[1]; c[0] = measure q[0];
if (c[0] == 1) { x q[2]; ry(0.3) q[1]; } else { reset q[1]; } c[1] = measure q[1]; c[2] = measure q[2];"""
)


def test_measurements_inside_resets_and_conditions_are_followed():
    exact = run("statevector", FEEDBACK)["probabilities"]
    assert distance(run("density_matrix", FEEDBACK)["probabilities"], exact) < 1e-12


def test_a_misread_bit_misleads_the_condition_on_it():
    text = HEADER + "qubit[2] q; bit[2] c; c[0] = measure q[0]; if (c[0]) { x q[1]; } c[1] = measure q[1];"
    noise = {"readout": [{"matrix": [[0.9, 0.1], [0, 1]], "qubits": [0]}]}
    found = run("density_matrix", text, noise)["probabilities"]
    assert found == pytest.approx({"00": 0.9, "11": 0.1}, abs=1e-12)


def test_counts_follow_the_probabilities_and_the_seed():
    noise = {"errors": [{"name": "depolarizing", "p": 0.1}]}
    exact = run("density_matrix", FEEDBACK, noise)["probabilities"]
    one, same, other = (
        run("density_matrix", FEEDBACK, noise, shots=20_000, seed=seed)["counts"] for seed in (1, 1, 2)
    )
    assert one == same != other
    assert sum(one.values()) == 20_000
    assert distance(frequencies(one), exact) < 0.02


def test_fidelity_needs_a_circuit_of_gates():
    with pytest.raises(CircuitError, match="leave fidelity out of analyze"):
        run("density_matrix", FEEDBACK, analyze=["fidelity"])


def test_too_many_values_of_the_bits_are_refused_with_the_cure(monkeypatch):
    monkeypatch.setattr("workers.quantum.backends.mixed_circuit.MAX_BRANCHES", 4)
    text = HEADER + "qubit q; bit[4] c; " + "".join(f"h q; c[{i}] = measure q; " for i in range(4)) + "h q;"
    with pytest.raises(BranchLimitError, match="trajectories"):
        run("density_matrix", text)


@pytest.mark.parametrize("n", [12])
def test_twelve_qubits_fit(n):
    gates = "".join(f"h q[{i}]; " for i in range(n)) + f"cx q[0], q[{n - 1}];"
    found = run("density_matrix", HEADER + f"qubit[{n}] q; " + gates, "depolarizing", analyze=["purity"])
    # Each Hadamard leaves purity (1 + 0.999^2)/2 on its qubit, the two-qubit error shrinks what is traceless.
    pair = ((1 + 0.999**2) / 2) ** 2
    want = ((1 + 0.999**2) / 2) ** (n - 2) * (0.25 + (pair - 0.25) * 0.99**2)
    assert found["purity"] == pytest.approx(want, abs=1e-10)
