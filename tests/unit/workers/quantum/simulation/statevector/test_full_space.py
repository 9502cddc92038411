"""The compiled engine against definitions, other simulators and itself."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.workers.quantum.simulation import programs
from tests.unit.workers.quantum.simulation.reference import expectation, final_state
from workers.quantum.simulation.cpu.memory_estimate import memory_bytes
from workers.quantum.simulation.ir.gates import GATES, matrix
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Op,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.statevector.full_space import FullSpace

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("local_bits", [4, 6, 13])
@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, n=st.integers(1, 8), threads=st.integers(1, 3))
def test_states_energies_and_gradients_are_those_of_the_definitions(local_bits, seed, n, threads):
    rng = np.random.default_rng(seed)
    program, observable = programs.program(rng, n), programs.observable(rng, n)
    theta = rng.uniform(-3, 3, program.n_parameters)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workers.quantum.simulation.statevector.full_space.LOCAL_BITS", local_bits)
        space = FullSpace(program, observable, threads=threads)
    expected = final_state(program, theta)
    np.testing.assert_allclose(space.state(theta), expected, atol=1e-12)
    energy, gradient = space.energy_and_gradient(theta)
    assert energy == pytest.approx(expectation(observable, expected), abs=1e-11)
    assert space.energy(theta) == pytest.approx(energy, abs=1e-12)
    for k, unit in enumerate(np.eye(program.n_parameters)):
        plus, minus = (expectation(observable, final_state(program, theta + s * unit)) for s in (1e-5, -1e-5))
        assert gradient[k] == pytest.approx((plus - minus) / 2e-5, abs=2e-6)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("low", range(4))
@pytest.mark.parametrize("apart", [1, 2, 3])
def test_a_dense_pair_on_any_bits(low, apart, precision):
    n, rng = 8, np.random.default_rng(low)
    ops: list[Op] = [PauliRotation(1 << k, 1 << k, Angle.parameter(k)) for k in range(n)]
    gate = np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
    pair = (n - 1 - low, n - 1 - low - apart)
    program = Program(n, n, (*ops, Unitary(pair, gate), *ops))
    theta, observable = rng.uniform(-3, 3, n), programs.observable(rng, n)
    space, near = FullSpace(program, observable, precision), 1e-12 if precision == "double" else 1e-5
    np.testing.assert_allclose(space.state(theta), final_state(program, theta), atol=near)
    _, gradient = space.energy_and_gradient(theta)
    for k, unit in enumerate(np.eye(n)):
        plus, minus = (expectation(observable, final_state(program, theta + s * unit)) for s in (1e-5, -1e-5))
        assert gradient[k] == pytest.approx((plus - minus) / 2e-5, abs=max(near, 2e-6) * 10)


def random_circuit(rng, n, n_gates):
    """(name, qubits, angles) of gates that every simulator has."""
    names = ["h", "rx", "ry", "rz", "t", "sx", "cx", "cz", "swap", "ccx", "rzz", "cp", "u"]
    for _ in range(n_gates):
        name = str(rng.choice([name for name in names if GATES[name].n_qubits <= n]))
        yield name, programs.qubits(rng, n, GATES[name].n_qubits), rng.uniform(-3, 3, GATES[name].n_angles)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, n=st.integers(2, 9))
def test_random_circuits_agree_with_aer(seed, n):
    from qiskit import QuantumCircuit
    from qiskit_aer import AerSimulator

    rng = np.random.default_rng(seed)
    circuit, ops = QuantumCircuit(n), []
    for name, on, angles in random_circuit(rng, n, 40):
        getattr(circuit, name)(*angles, *on)
        ops.append(Unitary(on, matrix(name, angles.tolist())))
    circuit.save_statevector()
    state = AerSimulator(method="statevector").run(circuit).result().get_statevector()
    own = FullSpace(Program(n, 0, tuple(ops)), None).state(np.empty(0))
    expected = np.asarray(state).reshape([2] * n).transpose().ravel()
    np.testing.assert_allclose(own, expected, atol=1e-10)


@pytest.mark.parametrize("n", [8, 14])
def test_variational_gradients_agree_with_qulacs_and_parameter_shift(n):
    import qulacs

    rng = np.random.default_rng(n)
    ops: list[Op] = []
    circuit = qulacs.ParametricQuantumCircuit(n)
    for layer in range(2):
        for q in range(n):
            bit = 1 << (n - 1 - q)
            ops += [
                PauliRotation(bit, bit, Angle.parameter(2 * (layer * n + q))),
                PauliRotation(0, bit, Angle.parameter(2 * (layer * n + q) + 1)),
            ]
            circuit.add_parametric_RY_gate(q, 0.0)
            circuit.add_parametric_RZ_gate(q, 0.0)
        for q in range(n):
            ops.append(Unitary((q, (q + 1) % n), matrix("cx")))
            circuit.add_CNOT_gate(q, (q + 1) % n)
    theta = rng.uniform(-3, 3, 4 * n)
    for k, value in enumerate(theta):
        circuit.set_parameter(k, -value)
    terms = programs.observable(rng, n, 30)
    peer = qulacs.Observable(n)
    for letters, c in terms.terms():
        peer.add_operator(c, " ".join(f"{a} {q}" for q, a in enumerate(letters) if a != "I"))
    state = qulacs.QuantumState(n)
    circuit.update_quantum_state(state)
    space = FullSpace(Program(n, 4 * n, tuple(ops)), terms)
    energy, gradient = space.energy_and_gradient(theta)
    np.testing.assert_allclose(
        space.state(theta), state.get_vector().reshape([2] * n).transpose().ravel(), atol=1e-12
    )
    assert energy == pytest.approx(peer.get_expectation_value(state), abs=1e-11)
    np.testing.assert_allclose(gradient, -np.array(circuit.backprop(peer)), atol=1e-10)
    shifts = math.pi / 2 * np.eye(4 * n)
    shifted = (space.energies(theta + shifts) - space.energies(theta - shifts)) / 2
    np.testing.assert_allclose(gradient, shifted, atol=1e-10)


def maxcut(n, layers, levels=True):
    rng = np.random.default_rng(n)
    index = np.arange(2**n)
    weights = np.ones(n) if levels else rng.normal(size=n)
    cut = sum(w * ((index >> q ^ index >> (q + 1) % n) & 1) for q, w in enumerate(weights))
    terms = {(0, 0): weights.sum() / 2} | {
        (0, 1 << q | 1 << (q + 1) % n): -w / 2 for q, w in enumerate(weights)
    }
    ops: list[Op] = [Unitary((q,), matrix("h")) for q in range(n)]
    for layer in range(layers):
        ops += [DiagonalPhase(cut, Angle.parameter(layer)), RXLayer(Angle.parameter(layers + layer, 2.0))]
    return Program(n, 2 * layers, tuple(ops)), PauliSum.from_masks(n, terms)


@pytest.mark.parametrize("levels", [True, False])
@pytest.mark.parametrize("n", [5, 10, 15])
def test_qaoa_agrees_with_the_definition(n, levels):
    program, observable = maxcut(n, 2, levels)
    theta = np.array([0.4, -0.7, 0.9, 0.2])
    energy, gradient = FullSpace(program, observable).energy_and_gradient(theta)
    assert energy == pytest.approx(expectation(observable, final_state(program, theta)), abs=1e-11)
    unit = np.array([0.3, 0.1, -0.2, 0.5])
    plus, minus = (expectation(observable, final_state(program, theta + s * unit)) for s in (1e-5, -1e-5))
    assert gradient @ unit == pytest.approx((plus - minus) / 2e-5, abs=1e-7)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_the_number_of_threads_changes_no_bit(precision):
    rng = np.random.default_rng(2)
    program, observable = programs.program(rng, 15, 25), programs.observable(rng, 15)
    theta = rng.uniform(-3, 3, program.n_parameters)
    alone, shared = (FullSpace(program, observable, precision, threads) for threads in (1, 5))
    np.testing.assert_array_equal(alone.state(theta), shared.state(theta))
    assert alone.energy(theta) == shared.energy(theta)
    one, five = alone.energy_and_gradient(theta), shared.energy_and_gradient(theta)
    assert one[0] == five[0]
    np.testing.assert_array_equal(one[1], five[1])


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, n=st.integers(1, 8))
def test_single_precision_is_close_to_double(seed, n):
    rng = np.random.default_rng(seed)
    program, observable = programs.program(rng, n), programs.observable(rng, n)
    theta = rng.uniform(-3, 3, program.n_parameters)
    double, single = (FullSpace(program, observable, name) for name in ("double", "single"))
    assert single.state(theta).dtype == np.complex64
    np.testing.assert_allclose(single.state(theta), double.state(theta), atol=1e-5)
    (energy, gradient), (close, slope) = (space.energy_and_gradient(theta) for space in (double, single))
    assert close == pytest.approx(energy, abs=1e-4)
    np.testing.assert_allclose(slope, gradient, atol=3e-4)


def test_observables_without_tables_agree_with_those_with(monkeypatch):
    rng = np.random.default_rng(4)
    program, observable = programs.program(rng, 14), programs.observable(rng, 14, 60)
    theta = rng.uniform(-3, 3, program.n_parameters)
    tabulated = FullSpace(program, observable).energy_and_gradient(theta)
    monkeypatch.setattr("workers.quantum.simulation.cpu.observable.TABLE_BITS", 0)
    made_anew = FullSpace(program, observable).energy_and_gradient(theta)
    assert made_anew[0] == pytest.approx(tabulated[0], abs=1e-12)
    np.testing.assert_allclose(made_anew[1], tabulated[1], atol=1e-11)


def heisenberg(n):
    """A chain, of as many X masks as bonds, and a field."""
    bonds = ["I" * q + 2 * letter + "I" * (n - q - 2) for q in range(n - 1) for letter in "XYZ"]
    return PauliSum.from_terms([(bond, 1.0) for bond in bonds] + [("I" * (n - 1) + "X", 0.5)])


def peak_bytes(call, program, observable):
    point = np.ones(program.n_parameters)
    call(FullSpace(program, observable), point)  # loads machine code
    tracemalloc.start()
    call(FullSpace(program, observable), point)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("n", [12, 16, 17, 19])
@pytest.mark.parametrize(
    ("call", "states"),
    [(lambda s, t: s.energy(t), 2.2), (lambda s, t: s.energy_and_gradient(t), 3.3)],
)
def test_memory_stays_within_its_bound(call, states, n, monkeypatch):
    monkeypatch.setenv("NOVACRON_THREADS", "2")
    turns = tuple(PauliRotation(1 << q, 0, Angle.parameter(q)) for q in range(n))
    program, chain = Program(n, n, (*turns, Unitary((0, n - 1), matrix("cx")))), heisenberg(n)
    peak = peak_bytes(call, program, chain)
    assert peak < memory_bytes(program, chain, "double")
    # Small registers have tables for strings with X too, and buffers as large as their states.
    assert peak < states * 16 * 2**n + (2**23 if n <= 16 else 0)
