"""Loops with shots on simulated devices: estimates scatter around the exact averages over the noise."""

import numpy as np
import pytest

from novacron.specs import parse_spec
from shared.quantum import devices
from workers.quantum.backends.compiled_program import CompiledProgram
from workers.quantum.compiler import Options
from workers.quantum.objective import Request
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
    with pytest.raises(LimitError, match="without shots"):
        evaluated(spec(11, "guadalupe"), (0.3, 0.5))
