"""What every backend for circuits must do, run over all of them."""

import pytest

from shared.circuits.instruction import Gate
from shared.circuits.record import CircuitRecord
from shared.quantum.backends import BACKENDS
from tests.unit.workers.quantum.simulation.noise.noisy import BELL, HEADER, distance, frequencies, run
from workers.quantum.simulation.ir.refusal import CircuitError, LimitError

CIRCUITS = [name for name, row in BACKENDS.items() if row.circuits and not row.missing and not row.provider]
"""Simulators: the devices of providers have suites of their own, against a server."""
NOISY = [name for name in CIRCUITS if BACKENDS[name].noise]
NOISE = {
    "errors": [
        {"name": "depolarizing", "p": 0.1, "gates": ["cx"]},
        {"name": "phase_damping", "lam": 0.3, "gates": ["h"]},
        {"name": "crosstalk", "pairs": [[0, 2, 0.2]], "pauli": "XX"},
        {"name": "bit_flip", "p": 0.1, "gates": ["reset"]},
    ],
    "readout": [{"matrix": [[0.98, 0.02], [0.05, 0.95]], "qubits": [0, 2]}],
    "drift": {"sigma": 0.3, "seed": 4},
}
CIRCUIT = (
    HEADER
    + """qubit[3] q; bit[2] a; bit[2] b; h q[0]; cx q[0], q[1]; a[0] = measure q[1];
reset q[1]; sx q[1]; cz q[1], q[2]; s q[1]; h q[2]; b[1] = measure q[0]; a[1] = measure q[2];"""
)
FEEDBACK = (
    HEADER + "qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; if (c[0]) { x q[1]; } c[1] = measure q[1];"
)
every = pytest.mark.parametrize("backend", CIRCUITS)
noisy = pytest.mark.parametrize("backend", NOISY)


def shares(backend, circuit, noise=None, shots=20_000, seed=1):
    counts = run(backend, circuit, noise, shots=shots, seed=seed)["counts"]
    assert sum(counts.values()) == shots and list(counts) == sorted(counts)
    return frequencies(counts)


@every
def test_character_i_is_bit_i_of_the_registers_in_order(backend):
    text = HEADER + "qubit[2] q; bit[2] a; bit[2] b; x q[0]; b[1] = measure q[0]; a[0] = measure q[1];"
    assert shares(backend, text) == {"0001": 1.0}
    assert shares(backend, HEADER + "qubit[3] q; x q[1];") == {"010": 1.0}


@every
def test_a_circuit_without_qubits_has_one_empty_outcome(backend):
    assert shares(backend, "OPENQASM 3.0;") == {"": 1.0}


@every
def test_measurements_inside_and_resets_give_the_distribution(backend):
    exact = run("density_matrix", CIRCUIT)["probabilities"]
    assert distance(shares(backend, CIRCUIT), exact) < 0.02


@every
def test_conditions_follow_the_bits(backend):
    assert set(shares(backend, FEEDBACK)) == {"00", "11"}


@noisy
def test_pauli_noise_gives_the_same_distribution_everywhere(backend):
    exact = run("density_matrix", CIRCUIT, NOISE)["probabilities"]
    assert distance(shares(backend, CIRCUIT, NOISE), exact) < 0.02


@every
def test_a_seed_fixes_the_samples(backend):
    one, same, other = (run(backend, CIRCUIT, shots=500, seed=seed) for seed in (3, 3, 4))
    assert one == same != other


@every
def test_expectations_are_those_of_the_state(backend):
    shots = 10 if backend == "trajectories" else None
    found = run(backend, BELL, shots=shots, observables=["XX", "YY", "ZI"])["expectations"]
    assert found == pytest.approx({"XX": 1.0, "YY": -1.0, "ZI": 0.0}, abs=1e-10)


@every
def test_more_qubits_than_declared_are_refused(backend):
    most = BACKENDS[backend].max_qubits
    with pytest.raises(LimitError, match=f"takes up to {most}"):
        run(backend, CircuitRecord(most + 1, (), (), (Gate("x", (0,)),)), shots=1)


@every
def test_a_circuit_with_free_parameters_is_refused_by_name(backend):
    text = 'OPENQASM 3.0; include "stdgates.inc"; input float theta; qubit q; rx(theta) q;'
    with pytest.raises(CircuitError, match="theta"):
        run(backend, text, shots=1)
