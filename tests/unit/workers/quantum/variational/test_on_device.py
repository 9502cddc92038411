"""Sampled loops on simulated devices: estimates scatter around the exact averages over the noise."""

import numpy as np
import pytest

from novacron.specs import parse_spec
from shared.quantum import devices
from shared.quantum.wants import Want
from workers.quantum.backends.batch import Batch, Pub
from workers.quantum.backends.compiled_program import CompiledProgram
from workers.quantum.backends.immediate import answers
from workers.quantum.compiler import Options
from workers.quantum.objective import Request, measure
from workers.quantum.simulation.ir.refusal import LimitError
from workers.quantum.variational import build
from workers.quantum.variational.system import system

SIGMAS = 4.5


def spec(n_qubits, device, **changes):
    job = {
        "kind": "hybrid_vqe", "hamiltonian": {"model": "tfim", "n_qubits": n_qubits},
        "backend": f"fake:{device}",
        "ansatz": {"name": "hamiltonian_variational", "layers": 1}, "optimizer": {"name": "spsa"}, **changes,
    }  # fmt: skip
    return parse_spec(job, stored=True)


def evaluated(job, point, *, gradient=False):
    objective, request = build.vqe(job), Request(0, 0, np.array(point), gradient)
    units = [objective.run_unit(request, unit) for unit in range(objective.units(request))]
    return objective.combine(request, units)


def test_shots_estimate_the_energy_and_its_gradient():
    exact = evaluated(spec(3, "manila"), (0.3, 0.5), gradient=True)
    found = evaluated(spec(3, "manila", shots=2000), (0.3, 0.5), gradient=True)
    assert abs(found.value - exact.value) <= SIGMAS * found.variance**0.5
    assert found.gradient == pytest.approx(exact.gradient, abs=0.5)


def test_more_qubits_than_a_density_matrix_holds_run_by_trajectories():
    job = spec(11, "guadalupe", shots=1000)
    found = evaluated(job, (0.3, 0.5))
    target, trial = system(job)
    observable = target.operator.traceless()
    compiled = CompiledProgram(trial.circuit(()), devices.load("guadalupe"), Options(level=2))
    (exact,) = compiled.engine(observable).energies(np.array([[0.3, 0.5]]))
    assert abs(found.value - exact) <= SIGMAS * found.variance**0.5
    averaged = evaluated(spec(11, "guadalupe"), (0.3, 0.5))
    assert abs(averaged.value - exact) <= SIGMAS * averaged.variance**0.5


PATH = [[node, node + 1] for node in range(10)]


def qaoa(**changes):
    job = {"kind": "hybrid_qaoa", "problem": {"maxcut": {"edges": PATH}}, "backend": "fake:guadalupe"}
    return parse_spec(job | changes, stored=True)


def test_a_loop_without_shots_draws_the_same_trajectories_at_every_point():
    objective, point = build.qaoa(qaoa()), np.array([0.4, 0.6])
    first, again = (Request(0, position, point, True) for position in (0, 7))
    fresh = Request(0, 8, point, False, fresh=True)
    assert objective.units(first) == objective.units(fresh) == 32
    units = [objective.run_unit(first, unit) for unit in (31, *range(31))]
    value = objective.combine(first, [*units[1:], units[0]])
    same, other = measure(objective, again), measure(objective, fresh)
    assert value.gradient is not None and value.variance and other.variance
    assert (same.value, same.variance) == (value.value, value.variance)
    assert np.array_equal(np.asarray(same.gradient), value.gradient)
    assert 0 < abs(other.value - value.value) <= SIGMAS * (other.variance + value.variance) ** 0.5
    step = np.array([0.02, 0.0])
    above, below = (measure(objective, Request(0, 9, point + s, False)) for s in (step, -step))
    assert (above.value - below.value) / 0.04 == pytest.approx(value.gradient[0], rel=0.2)
    assert not objective.natural and objective.stochastic


def test_states_are_read_from_trajectories_with_errors_of_the_readout():
    objective = build.qaoa(qaoa())
    asked = Pub.of(objective.circuit(1), np.zeros(2))
    (answer,) = answers(objective.backend, Batch((asked,), frozenset({Want.SAMPLES}), shots=300, seed=3))
    assert answer.samples is not None
    ones = np.bitwise_count(answer.samples).mean() / 11
    assert answer.samples.shape == (300,) and ones == pytest.approx(0.5, abs=0.05)
    with pytest.raises(LimitError, match="of up to 10"):
        answers(objective.backend, Batch((asked,), frozenset({Want.PROBABILITIES})))
