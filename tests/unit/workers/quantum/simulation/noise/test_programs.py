"""Noisy loops: energies against circuits with the same noise, gradients against differences."""

import numpy as np
import pytest

from shared.circuits.instruction import Gate
from shared.circuits.record import CircuitRecord
from shared.quantum.wants import Want
from testing.asking import Asking
from testing.specs import ansatz, hamiltonian
from tests.unit.workers.quantum.simulation.noise.noisy import run
from workers.quantum.backends import load
from workers.quantum.backends.immediate import prepared
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.ir.program import Angle, Excitation, PauliRotation, Program
from workers.quantum.simulation.ir.refusal import LimitError, UnsupportedError
from workers.quantum.simulation.noise.model import NoiseModel

TFIM = hamiltonian({"model": "tfim", "n_qubits": 3, "J": 1.0, "h": 0.7, "hz": 0.0, "periodic": False})
NOISE = {
    "errors": [
        {"name": "depolarizing", "p": 0.05, "gates": ["cx"]},
        {"name": "amplitude_damping", "gamma": 0.03, "gates": ["ry", "rz"]},
        {"name": "crosstalk", "pairs": [[0, 2, 0.02]]},
    ],
    "readout": [[0.9, 0.1], [0.2, 0.8]],
    "drift": {"sigma": 0.3},
}


def trial():
    return ansatz({"name": "hardware_efficient", "layers": 2, "entangler": "linear"}, TFIM)


def compiled(noise=NOISE):
    model = None if noise is None else NoiseModel(model_json(noise), range(3))
    return Asking(load("density_matrix"), trial().circuit(()), TFIM.operator, model)


def model_json(noise):
    from novacron.specs.noise import Noise

    return Noise(**noise).document


def record(theta):
    gates, position = [], 0
    for layer in range(3):
        for qubit in range(3):
            gates += [Gate("ry", (qubit,), (theta[position],)), Gate("rz", (qubit,), (theta[position + 1],))]
            position += 2
        if layer < 2:
            gates += [Gate("cx", (0, 1)), Gate("cx", (1, 2))]
    return CircuitRecord(3, (), (), tuple(gates))


@pytest.mark.parametrize("noise", [NOISE, None])
def test_energies_are_those_of_the_same_circuit_with_the_same_noise(noise):
    program = compiled(noise)
    theta = np.random.default_rng(3).normal(size=program.n_parameters)
    terms = TFIM.operator.terms()
    values = run("density_matrix", record(theta.tolist()), noise, observables=[s for s, _ in terms])
    want = sum(c * values["expectations"][s] for s, c in terms)
    assert program.energy(theta) == pytest.approx(want, abs=1e-12)
    assert program.energies(np.array([theta, theta])) == pytest.approx([want, want], abs=1e-12)
    read = {f"{i:03b}": p for i, p in enumerate(program.probabilities(theta))}
    assert read == pytest.approx(values["probabilities"], abs=1e-12)


def test_gradients_are_exact():
    program = compiled()
    theta = np.random.default_rng(4).normal(size=program.n_parameters)
    energy, gradient = program.energy_and_gradient(theta)
    assert energy == pytest.approx(program.energy(theta), abs=1e-12)
    for index in range(len(theta)):
        step = np.zeros_like(theta)
        step[index] = 1e-5
        slope = (program.energy(theta + step) - program.energy(theta - step)) / 2e-5
        assert gradient[index] == pytest.approx(slope, abs=1e-8)


def test_samples_are_readings():
    program = compiled()
    theta = np.full(program.n_parameters, 0.3)
    found = program.sample(theta, 20_000, np.random.default_rng(1))
    shares = np.bincount(found, minlength=8) / 20_000
    assert 0.5 * np.abs(shares - program.probabilities(theta)).sum() < 0.02


def test_what_has_no_gates_is_refused():
    def prepare(program):
        prepared(load("density_matrix"), program, None, {Want.PROBABILITIES})

    with pytest.raises(UnsupportedError, match="Excitation"):
        prepare(Program(4, 1, (Excitation((0,), (2,), Angle.parameter(0)),)))
    with pytest.raises(UnsupportedError, match="named gates"):
        prepare(Program(3, 1, (PauliRotation(7, 0, Angle.parameter(0)),)))
    with pytest.raises(UnsupportedError, match="from"):
        prepare(Program(2, 0, (), initial=1))
    with pytest.raises(LimitError, match="up to 10"):
        prepare(Program(11, 0, ()))


def test_a_mixed_state_has_no_amplitudes_and_no_energy_without_observable():
    with pytest.raises(UnsupportedError, match="density_matrix gives no states"):
        Asking(load("density_matrix"), Program(2, 0, ())).state(np.zeros(0))
    with pytest.raises(ValueError, match="observable"):
        prepared(load("density_matrix"), Program(2, 0, ()), None, {Want.EXPECTATIONS}).at(np.zeros(0))


def test_shared_angles_add_their_derivatives():
    twice = Program(
        1, 1, (PauliRotation(1, 1, Angle.parameter(0)), PauliRotation(1, 1, Angle.parameter(0, 2.0)))
    )
    program = Asking(load("density_matrix"), twice, PauliSum.from_terms([("Z", 1.0)]))
    energy, gradient = program.energy_and_gradient(np.array([0.2]))
    assert (energy, gradient[0]) == pytest.approx((np.cos(0.6), -3 * np.sin(0.6)), abs=1e-12)
