"""Means over trajectories against exact averages over the noise, with their derivatives."""

import numpy as np
import pytest

from novacron.specs.noise import Noise
from shared.circuits.instruction import Affine, Gate
from shared.circuits.record import CircuitRecord
from shared.quantum import trajectories
from workers.quantum.simulation.ir.pauli import PauliSum
from workers.quantum.simulation.noise.averages import Averages
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.simulation.noise.programs import MixedProgram

NOISE = {
    "errors": [
        {"name": "depolarizing", "p": 0.05, "gates": ["cx", "rzz"]},
        {"name": "amplitude_damping", "gamma": 0.1, "gates": ["ry", "u", "cx", "h"]},
        {
            "name": "thermal_relaxation", "t1_s": 5e-5, "t2_s": 7e-5, "duration_s": 5e-6,
            "gates": ["rx", "rzx"],
        },
    ],
}  # fmt: skip
OBSERVABLE = PauliSum.from_terms(
    [("XXI", 0.5), ("YZX", -0.3), ("IYY", 0.7), ("ZII", 1.1), ("ZZZ", 0.2), ("YII", 0.4)]
)
BLOCKS, EACH, SIGMAS = 40, 200, 4.5


def free(index, factor=1.0, offset=0.0):
    return Affine(((f"t{index}", factor),), offset)


RECORD = CircuitRecord(3, tuple(f"t{index}" for index in range(5)), (), (
    Gate("h", (0,)), Gate("h", (2,)), Gate("ry", (1,), (free(0),)),
    Gate("u", (2,), (free(1), 0.4, free(2, 0.5, 0.1))),
    Gate("cx", (0, 1)), Gate("rzz", (1, 2), (free(0, -2.0),)), Gate("rx", (0,), (0.3,)),
    Gate("rzx", (2, 0), (free(3),)), Gate("p", (1,), (free(4, 1.5),)), Gate("gphase", (), (free(4),)),
    Gate("rz", (2,), (free(3),)), Gate("cx", (2, 1)), Gate("rx", (2,), (free(1),)),
))  # fmt: skip
POINT = np.array([0.7, -0.4, 1.1, 0.5, 2.0])


def test_values_and_derivatives_scatter_around_the_exact_ones():
    model = NoiseModel(Noise(**NOISE).document, range(3))
    exact, gradient = MixedProgram.of_record(RECORD, OBSERVABLE, model, range(3)).energy_and_gradient(POINT)
    averages = Averages(RECORD, OBSERVABLE, model)
    blocks = [
        averages.block(POINT, EACH * block, EACH * (block + 1), seed=11, gradient=True)
        for block in range(BLOCKS)
    ]
    found = np.array([[mean.mean, *slopes] for mean, slopes in blocks])
    errors = found.std(axis=0, ddof=1) / BLOCKS**0.5
    assert (errors < 0.02).all()
    assert (np.abs(found.mean(axis=0) - [exact, *gradient]) <= SIGMAS * errors).all()


def test_states_that_are_not_kept_are_computed_again(monkeypatch):
    averages = Averages(RECORD, OBSERVABLE, NoiseModel(Noise(**NOISE).document, range(3)))
    _, all_kept = averages.block(POINT, 0, 50, seed=2, gradient=True)
    monkeypatch.setattr(trajectories, "GRADIENT_BYTES", 0)
    _, few_kept = averages.block(POINT, 0, 50, seed=2, gradient=True)
    assert few_kept.tolist() == all_kept.tolist()


def test_without_noise_every_trajectory_is_exact_and_only_the_seed_and_the_number_matter():
    exact, gradient = MixedProgram.of_record(RECORD, OBSERVABLE, None, range(3)).energy_and_gradient(POINT)
    mean, slopes = Averages(RECORD, OBSERVABLE, None).block(POINT, 5, 7, seed=1, gradient=True)
    assert mean.n == 2 and mean.mean == pytest.approx(exact, abs=1e-12)
    assert slopes == pytest.approx(gradient, abs=1e-12)
    noisy = Averages(RECORD, OBSERVABLE, NoiseModel(Noise(**NOISE).document, range(3)))
    one, none = noisy.block(POINT, 6, 7, seed=3, gradient=False)
    rest, _ = noisy.block(POINT, 4, 6, seed=3, gradient=True)
    whole, _ = noisy.block(POINT, 4, 7, seed=3, gradient=True)
    assert whole.mean == pytest.approx((one.mean + 2 * rest.mean) / 3, abs=1e-12) and none.size == 0
    seeds = (noisy.block(POINT, 0, 50, seed=seed, gradient=False)[0].mean for seed in (3, 4))
    assert len({*seeds}) == 2
