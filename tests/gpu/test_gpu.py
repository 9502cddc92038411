"""The GPU backend on a CUDA device, against the state vector on the CPU."""

from typing import Any

import numpy as np
import pytest

from testing.asking import Asking
from tests.conformance.test_backends import random_sum
from tests.unit.workers.quantum.simulation.cuda.programs import N_PARAMETERS, program
from tests.unit.workers.quantum.simulation.cuda.test_schedule import qaoa
from workers.quantum.backends.gpu import Gpu
from workers.quantum.backends.statevector import StateVector
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.ir.program import Angle, Excitation, PauliRotation, Program, RXLayer
from workers.quantum.simulation.ir.refusal import MemoryLimitError

pytestmark = pytest.mark.gpu

TOLERANCES: list[tuple[Precision, float]] = [("double", 1e-12), ("single", 1e-5)]


def mixed(n: int, n_ops: int) -> Program:
    return program(np.random.default_rng(n), n, n_ops)


def layered(n: int, layers: int) -> Program:
    """Rotations of each qubit and of neighbouring pairs, one string across all, one double excitation."""
    ops: list[Any] = []
    for _ in range(layers):
        for qubit in range(n):
            ops.append(PauliRotation(1 << qubit, 0, Angle.parameter(len(ops))))
            ops.append(PauliRotation(0, 3 << qubit >> 1, Angle.parameter(len(ops))))
        ops.append(PauliRotation(2**n - 1, 5, Angle.parameter(len(ops))))
        ops.append(Excitation((0, n // 2), (n - 1, 1), Angle.parameter(len(ops))))
    return Program(n, len(ops), tuple(ops))


@pytest.mark.parametrize(("precision", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("n", [5, 9, 12, 13, 14, 17])
@pytest.mark.parametrize("make", [lambda n: mixed(n, 30), lambda n: layered(n, 2)])
def test_states_energies_and_gradients_are_those_of_the_cpu(
    make: Any, n: int, precision: Precision, tolerance: float
) -> None:
    made = make(n)
    observable = random_sum(np.random.default_rng(n), n, 40)
    theta = np.random.default_rng(n + 1).uniform(-3, 3, made.n_parameters)
    ours = Asking(Gpu(precision=precision), made, observable)
    theirs = Asking(StateVector(), made, observable)
    np.testing.assert_allclose(ours.state(theta), theirs.state(theta), atol=tolerance)
    scale = float(np.abs(observable.coefficients).sum())
    energy, gradient = ours.energy_and_gradient(theta)
    expected = theirs.energy_and_gradient(theta)
    assert energy == pytest.approx(expected[0], abs=scale * tolerance)
    np.testing.assert_allclose(gradient, expected[1], atol=10 * scale * tolerance)


@pytest.mark.parametrize(("precision", "tolerance"), TOLERANCES)
def test_qaoa_is_that_of_the_cpu(precision: Precision, tolerance: float) -> None:
    made = qaoa(16, 8)
    observable = random_sum(np.random.default_rng(1), 16, 30)
    theta = np.random.default_rng(2).uniform(-1, 1, made.n_parameters)
    ours = Asking(Gpu(precision=precision), made, observable)
    theirs = Asking(StateVector(), made, observable)
    np.testing.assert_allclose(ours.state(theta), theirs.state(theta), atol=tolerance)
    scale = float(np.abs(observable.coefficients).sum())
    gradient, expected = (one.energy_and_gradient(theta)[1] for one in (ours, theirs))
    np.testing.assert_allclose(gradient, expected, atol=100 * scale * tolerance)


@pytest.mark.parametrize("n", [10, 15])
def test_equal_calls_have_equal_bits_alone_and_in_a_batch(n: int) -> None:
    made, observable = mixed(n, 40), random_sum(np.random.default_rng(n), n)
    thetas = np.random.default_rng(0).uniform(-3, 3, (33, N_PARAMETERS))
    compiled = Asking(Gpu(), made, observable)
    alone = [compiled.energy(theta) for theta in thetas]
    assert compiled.energies(thetas).tolist() == alone
    again = Asking(Gpu(), made, observable)
    first, second = (one.energy_and_gradient(thetas[0]) for one in (compiled, again))
    assert first[0] == second[0] and first[1].tolist() == second[1].tolist()


def test_samples_are_where_the_running_sum_passes_the_draw() -> None:
    made = mixed(15, 40)
    theta = np.array([0.3, -0.2, 1.0])
    compiled = Asking(Gpu(), made)
    running = np.cumsum(compiled.probabilities(theta))
    samples = compiled.sample(theta, 100_000, np.random.default_rng(1))
    draws = np.random.default_rng(1).random(100_000) * running[-1]
    np.testing.assert_array_equal(samples, np.searchsorted(running, draws, side="right"))


def test_a_state_that_the_device_cannot_hold_is_refused() -> None:
    made = Program(33, 1, (RXLayer(Angle.parameter(0)),))
    observable = random_sum(np.random.default_rng(0), 33)
    with pytest.raises(MemoryLimitError, match="bytes of device memory"):
        Asking(Gpu(), made, observable).state(np.zeros(1))
