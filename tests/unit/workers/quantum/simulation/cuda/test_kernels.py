"""The kernels' own text, run without a device, against dense linear algebra."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testing.asking import Asking
from tests.conformance.test_backends import dense_state, dense_sum, random_sum
from tests.unit.workers.quantum.simulation.cuda.emulated import EmulatedDevice
from tests.unit.workers.quantum.simulation.cuda.programs import N_PARAMETERS, program
from workers.quantum.backends import load
from workers.quantum.simulation.cuda.groups import Groups
from workers.quantum.simulation.cuda.source import Precision, expressions
from workers.quantum.simulation.cuda.states import DeviceStates
from workers.quantum.simulation.cuda.tiling import Tiling
from workers.quantum.simulation.ir.program import (
    Angle,
    DiagonalPhase,
    Excitation,
    PauliRotation,
    Program,
    RXLayer,
    Unitary,
)
from workers.quantum.simulation.lowering.flat import flatten

TOLERANCES: list[tuple[Precision, float]] = [("double", 1e-12), ("single", 1e-5)]


def tilings(rng: np.random.Generator, made: Program) -> tuple[Tiling, Tiling]:
    """Small tiles that hold the program's gates, so that a state is many tiles and a block takes several."""
    n = made.n_qubits
    widest = max([3, *(len(op.qubits) for op in made.ops if isinstance(op, Unitary))])
    low = int(rng.integers(0, n + 1))
    bits = [int(rng.integers(min(n, low + widest), n + 1)) for _ in range(2)]
    threads = 32 * int(rng.integers(1, 4))
    forward, back = (Tiling(n, b, low, threads, int(rng.integers(1, 5))) for b in bits)
    return forward, back


@pytest.mark.parametrize(("precision", "tolerance"), TOLERANCES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_random_programs_on_random_tiles(
    device: EmulatedDevice, precision: Precision, tolerance: float, seed: int, n: int
) -> None:
    rng = np.random.default_rng(seed)
    made, observable = program(rng, n), random_sum(rng, n)
    flat, thetas = flatten(made), rng.uniform(-3, 3, (2, N_PARAMETERS))
    states = DeviceStates(flat, Groups.of(observable), device, precision, tilings(rng, made))
    states.run(thetas)
    exact = np.array([dense_state(made, theta) for theta in thetas])
    phases = np.exp([[-0.5j * flat.angles(theta)[0]] for theta in thetas])
    np.testing.assert_allclose(phases * states.amplitudes(2), exact, atol=tolerance)
    hamiltonian = dense_sum(observable)
    energies = [np.vdot(state, hamiltonian @ state).real for state in exact]
    np.testing.assert_allclose(states.energies(2), energies, atol=20 * tolerance)


@pytest.mark.parametrize(("precision", "tolerance"), TOLERANCES)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_gradients_are_those_of_the_processor(
    device: EmulatedDevice, precision: Precision, tolerance: float, seed: int, n: int
) -> None:
    rng = np.random.default_rng(seed)
    made, observable = program(rng, n), random_sum(rng, n)
    flat, theta = flatten(made), rng.uniform(-3, 3, N_PARAMETERS)
    states = DeviceStates(flat, Groups.of(observable), device, precision, tilings(rng, made))
    states.run(theta[None])
    energy, slopes = states.energy_and_slopes()
    expected = Asking(load("statevector"), made, observable).energy_and_gradient(theta)
    assert energy == pytest.approx(expected[0], abs=20 * tolerance)
    np.testing.assert_allclose(flat.gradient(slopes), expected[1], atol=100 * tolerance)


def test_a_state_of_a_batch_has_the_bits_of_the_state_alone(device: EmulatedDevice) -> None:
    rng = np.random.default_rng(3)
    made, observable = program(rng, 6), random_sum(rng, 6)
    thetas = rng.uniform(-3, 3, (3, N_PARAMETERS))
    tiling = Tiling(6, 6, 0, 32, 3)
    states = DeviceStates(flatten(made), Groups.of(observable), device, "double", (tiling, tiling))
    states.run(thetas)
    together = states.energies(3).tolist()
    alone = []
    for theta in thetas:
        states.run(theta[None])
        alone += states.energies(1).tolist()
    assert together == alone


def wide_program() -> Program:
    """Strings and an excitation on more bits than a small tile has, beside ops that fit it."""
    ops = (
        PauliRotation(0b111110, 0b011000, Angle.parameter(0)),
        RXLayer(Angle.parameter(1)),
        Excitation((0, 1, 2), (3, 4, 5), Angle.parameter(2)),
        DiagonalPhase(np.arange(64.0) % 5, Angle.parameter(0)),
        DiagonalPhase(np.random.default_rng(0).normal(size=64), Angle.parameter(1)),
        PauliRotation(0b111111, 0b100000, Angle.parameter(2, 0.5)),
    )
    return Program(6, 3, ops, 0b110100)


@pytest.mark.parametrize("low", [0, 2])
@pytest.mark.parametrize(("precision", "tolerance"), TOLERANCES)
def test_ops_wider_than_a_tile_run_on_the_whole_state(
    device: EmulatedDevice, precision: Precision, tolerance: float, low: int
) -> None:
    made, theta = wide_program(), np.array([0.4, -1.2, 2.1])
    observable = random_sum(np.random.default_rng(1), 6, 12)
    tiling = Tiling(6, low + 3, low, 32, 2)
    device.launched.clear()
    flat = flatten(made)
    states = DeviceStates(flat, Groups.of(observable), device, precision, (tiling, tiling))
    states.run(theta[None])
    np.testing.assert_allclose(states.amplitudes(1)[0], dense_state(made, theta), atol=tolerance)
    _, slopes = states.energy_and_slopes()
    expected = Asking(load("statevector"), made, observable).energy_and_gradient(theta)[1]
    np.testing.assert_allclose(flat.gradient(slopes), expected, atol=100 * tolerance)
    assert {kernel.split("<")[0] for kernel in device.launched} >= {"prepare", "run_tiles", "run_wide"}


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("threads", [32, 96])
def test_samples_are_where_the_running_sum_passes_the_draw(
    device: EmulatedDevice, precision: Precision, threads: int
) -> None:
    rng = np.random.default_rng(5)
    made = program(rng, 7)
    tiling = Tiling(7, 7, 7, threads, max_blocks=1)
    states = DeviceStates(flatten(made), None, device, precision, (tiling, tiling))
    states.run(rng.uniform(-3, 3, (1, N_PARAMETERS)))
    running = np.cumsum(states.probabilities())
    draws = np.concatenate([rng.random(500), [0.0, np.nextafter(1, 0)]])
    expected = np.searchsorted(running, draws * running[-1], side="right")
    np.testing.assert_array_equal(states.sample(draws), expected)


def test_impossible_outcomes_are_never_drawn(device: EmulatedDevice) -> None:
    made = Program(7, 1, (PauliRotation(0b1000000, 0, Angle.parameter(0)),), 0b11)
    tiling = Tiling(7, 5, 2, 32)
    states = DeviceStates(flatten(made), None, device, "double", (tiling, tiling))
    states.run(np.array([[0.7]]))
    draws = np.concatenate([np.linspace(0, 1, 300, endpoint=False), [np.nextafter(1, 0)]])
    assert set(states.sample(draws).tolist()) == {0b11, 0b1000011}


def test_a_smaller_batch_reuses_the_room_of_a_larger(device: EmulatedDevice) -> None:
    rng = np.random.default_rng(8)
    made = program(rng, 5)
    thetas = rng.uniform(-3, 3, (4, N_PARAMETERS))
    states = DeviceStates(flatten(made), None, device, "double", (Tiling(5, 5, 5, 32),) * 2)
    found: list[Any] = []
    for batch in (1, 4, 2):
        states.run(thetas[:batch])
        found.append(states.amplitudes(batch))
    np.testing.assert_array_equal(found[1][:2], found[2])
    np.testing.assert_array_equal(found[1][:1], found[0])


def test_every_kernel_was_run(device: EmulatedDevice) -> None:
    """Last in this file: what is compiled for a device is what the tests above ran."""
    assert set(device.ever_launched) == {*expressions("double"), *expressions("single")}
