"""Builds the objective of a job's loops from its spec."""

from __future__ import annotations

from typing import Any

import numpy as np

from novacron.specs import QAOA, QML, VQE
from novacron.specs.base import Precision
from novacron.specs.optimizer import AnyOptimizer
from shared.quantum import devices
from shared.quantum.backends import BACKENDS
from workers.quantum import backends
from workers.quantum.backends.base import Backend
from workers.quantum.objective import Objective, Vector
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.variational.classifier import Classifier
from workers.quantum.variational.hardware import HardwareEnergy
from workers.quantum.variational.kept import Kept
from workers.quantum.variational.qaoa import AveragedQaoa, Qaoa
from workers.quantum.variational.vqe import AveragedEnergy, ExactEnergy, SampledEnergy
from workers.runtime.outcome import UserError

Loop = VQE | QAOA | QML
"""The kinds of jobs with loops."""

FIELDS = {
    *("kind", "backend", "noise", "mitigation", "shots", "seed", "hamiltonian", "ansatz", "precision"),
    "optimization_level",
    *("perturb", "problem", "layers", "init", "data", "model", "test_fraction"),
}
"""The fields an objective depends on; jobs that agree in these share one."""
# Compiled circuits hold buffers of the state's size: few are cached.
KEPT = 2


def objective(spec: Loop) -> Objective:
    """Return a new objective.

    Raises:
        UserError: the spec requests something that cannot be run.
    """
    match spec:
        case VQE():
            return vqe(spec)
        case QAOA():
            return qaoa(spec)
        case QML():
            return classifier(spec)


def shared_objective(spec: Loop) -> Objective:
    """Return the objective, cached between the tasks of a process.

    Raises:
        UserError: the spec requests something that cannot be run.
    """
    return _kept(spec)


def _key(spec: Loop) -> str:
    # A single start may begin elsewhere than several do; beyond that their number is irrelevant.
    several = not isinstance(spec, QML) and spec.starts > 1
    return f"{several} {spec.model_dump_json(include=FIELDS)}"


_kept = Kept(objective, _key, KEPT)


def precision_of(spec: Loop) -> Precision:
    """Return the precision of the amplitudes; samples are encoded in double."""
    return "double" if isinstance(spec, QML) else spec.precision


def optimizer_of(spec: Loop) -> AnyOptimizer:
    """Return the objective's optimizer. Only kernels have none, and they have no loop either."""
    assert spec.optimizer is not None
    return spec.optimizer


def start_of(spec: Loop, target: Objective) -> Vector | None:
    """Return the given point of start 0, None if it is the objective's own."""
    given = None if isinstance(spec, QML) else spec.initial_point
    if given is None or given.values is None:
        return None
    values = np.array(given.values, dtype=np.float64)
    return target.point_of(values) if isinstance(target, Qaoa) else values


def backend_of(spec: Loop) -> Backend:
    """Return the backend a spec requests; `auto` is the state vector.

    Raises:
        UserError: there is no such backend, or it does not support the request.
    """
    name, _, device = ("statevector" if spec.backend == "auto" else spec.backend).partition(":")
    # Only backends that run every kind of loop support several precisions.
    loops = name in BACKENDS and BACKENDS[name].loops
    options: dict[str, Any] = {"precision": precision_of(spec)} if loops else {}
    if device and not isinstance(spec, QML):
        options["optimization_level"] = spec.optimization_level
    backend = backends.load(name, device, **options)
    if spec.noise is not None and not BACKENDS[name].noise:
        raise UserError(f"noise: backend {name} applies none to variational loops; set noise to null")
    return backend


def noise_of(spec: VQE, n_qubits: int) -> NoiseModel | None:
    """Return the noise model of a spec on the qubits of its program."""
    return None if spec.noise is None else NoiseModel(spec.noise.document, range(n_qubits))


def vqe(spec: VQE) -> ExactEnergy | SampledEnergy:
    """Return the objective of a VQE: exact, by trajectories, or sampled if `shots` is given."""
    from workers.quantum.variational.system import system

    target, trial = system(spec)
    backend, shots = backend_of(spec), spec.shots
    if BACKENDS[backend.name].provider:
        assert shots is not None, "the scheduler requires shots on a device"
        return HardwareEnergy(trial, target.operator, backend, shots, spec.seed)
    if shots is not None:
        return SampledEnergy(trial, target.operator, backend, shots, spec.seed)
    if _averaged(backend, target.operator.n_qubits):
        return AveragedEnergy(trial, target.operator, backend, spec.seed)
    return ExactEnergy(trial, target.operator, backend, noise_of(spec, target.operator.n_qubits))


def qaoa(spec: QAOA) -> Qaoa:
    """Return the objective of a QAOA: exact, or by trajectories."""
    from workers.quantum.variational.ising import ising

    problem, backend = ising(spec.problem), backend_of(spec)
    if _averaged(backend, problem.n_spins):
        return AveragedQaoa(problem, backend, spec.layers, spec.init, spec.seed)
    return Qaoa(problem, backend, spec.layers, spec.init)


def _averaged(backend: Backend, n_qubits: int) -> bool:
    return BACKENDS[backend.name].simulates_devices and n_qubits > devices.EXACT_QUBITS


def classifier(spec: QML) -> Classifier:
    """Return the objective of a QML whose model is a variational classifier."""
    from workers.quantum.learning.data import load
    from workers.quantum.variational.classifier import classifier as of_dataset

    backend_of(spec)
    return of_dataset(spec, load(spec.data, spec.test_fraction, spec.seed))
