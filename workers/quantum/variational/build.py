"""From a job's spec to the objective of its loops."""

from __future__ import annotations

from novacron.specs import QAOA, QML, VQE
from novacron.specs.base import Precision
from novacron.specs.optimizer import AnyOptimizer
from shared.quantum.backends import BACKENDS
from workers.quantum import backends
from workers.quantum.backends.base import Backend
from workers.quantum.objective import Objective
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.variational.classifier import Classifier
from workers.quantum.variational.kept import Kept
from workers.quantum.variational.qaoa import Qaoa
from workers.quantum.variational.vqe import ExactEnergy, SampledEnergy
from workers.runtime.outcome import UserError

Loop = VQE | QAOA | QML
"""The kinds of jobs that have loops."""

FIELDS = {
    *("kind", "backend", "noise", "mitigation", "shots", "seed", "hamiltonian", "ansatz", "precision"),
    *("perturb", "problem", "layers", "init", "data", "model", "test_fraction"),
}
"""What an objective depends on; jobs that agree in these share one."""
# Compiled circuits hold buffers of the state's size: few are kept.
KEPT = 2


def objective(spec: Loop) -> Objective:
    """A fresh objective.

    Raises:
        UserError: the spec asks for what cannot be run.
    """
    match spec:
        case VQE():
            return vqe(spec)
        case QAOA():
            return qaoa(spec)
        case QML():
            return classifier(spec)


def shared_objective(spec: Loop) -> Objective:
    """The same, kept between the tasks of a process.

    Raises:
        UserError: the spec asks for what cannot be run.
    """
    return _kept(spec)


def _key(spec: Loop) -> str:
    # One start may begin elsewhere than several do; how many there are is all one.
    several = not isinstance(spec, QML) and spec.starts > 1
    return f"{several} {spec.model_dump_json(include=FIELDS)}"


_kept = Kept(objective, _key, KEPT)


def precision_of(spec: Loop) -> Precision:
    """That of the amplitudes; samples are encoded in double."""
    return "double" if isinstance(spec, QML) else spec.precision


def optimizer_of(spec: Loop) -> AnyOptimizer:
    """What minimises the objective. Only kernels have none, and they have no loop either."""
    assert spec.optimizer is not None
    return spec.optimizer


def backend_of(spec: Loop) -> Backend:
    """The backend a spec asks for; `auto` is the state vector.

    Raises:
        UserError: there is no such backend, or it cannot do what is asked of it.
    """
    name = "statevector" if spec.backend == "auto" else spec.backend
    # Only backends that run every kind of loop have a choice of precision.
    loops = name in BACKENDS and BACKENDS[name].loops
    backend = backends.load(name, **{"precision": precision_of(spec)} if loops else {})
    if spec.noise is not None and not BACKENDS[name].noise:
        raise UserError(f"noise: backend {name} applies none to variational loops; set noise to null")
    if spec.mitigation:
        raise UserError("mitigation: variational loops have none yet; leave it empty")
    return backend


def noise_of(spec: VQE, n_qubits: int) -> NoiseModel | None:
    """The noise model of a spec on the qubits of its program."""
    return None if spec.noise is None else NoiseModel(spec.noise.document, range(n_qubits))


def vqe(spec: VQE) -> ExactEnergy | SampledEnergy:
    """The objective of a VQE: exact, or sampled where `shots` is given."""
    from workers.quantum.variational.system import system

    target, trial = system(spec)
    backend, shots = backend_of(spec), spec.shots
    if shots is None:
        noise = noise_of(spec, target.operator.n_qubits)
        return ExactEnergy(trial, target.operator, backend, noise)
    return SampledEnergy(trial, target.operator, backend, shots, spec.seed)


def qaoa(spec: QAOA) -> Qaoa:
    """The objective of a QAOA."""
    from workers.quantum.variational.ising import ising

    return Qaoa(ising(spec.problem), backend_of(spec), spec.layers, spec.init)


def classifier(spec: QML) -> Classifier:
    """The objective of a QML whose model is a variational classifier."""
    from workers.quantum.learning.data import load
    from workers.quantum.variational.classifier import classifier as of_dataset

    backend_of(spec)
    return of_dataset(spec, load(spec.data, spec.test_fraction, spec.seed))
