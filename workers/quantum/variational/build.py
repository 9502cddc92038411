"""From a job's spec to the objective of its loops."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from shared.quantum.backends import BACKENDS
from workers.quantum import backends
from workers.quantum.backends.base import Backend
from workers.quantum.objective import Objective
from workers.quantum.simulation.noise.model import NoiseModel
from workers.quantum.variational.classifier import Classifier
from workers.quantum.variational.qaoa import Qaoa
from workers.quantum.variational.vqe import ExactEnergy, SampledEnergy
from workers.runtime.outcome import UserError

# What an objective depends on; jobs that agree in these share one.
FIELDS = (
    *("kind", "backend", "noise", "mitigation", "shots", "seed", "hamiltonian", "ansatz", "precision"),
    *("perturb", "problem", "layers", "init", "data", "model", "test_fraction"),
)
# Compiled circuits hold buffers of the state's size: few are kept.
KEPT = 2


def objective(spec: Mapping[str, Any]) -> Objective:
    """A fresh objective of a canonical spec.

    Raises:
        UserError: the spec asks for what cannot be run.
    """
    return OBJECTIVES[spec["kind"]](spec)


def shared_objective(spec: Mapping[str, Any]) -> Objective:
    """The same, kept between the tasks of a process.

    Raises:
        UserError: the spec asks for what cannot be run.
    """
    # One start may begin elsewhere than several do; how many there are is all one.
    starts = min(spec.get("starts") or 1, 2)
    return _kept(json.dumps({name: spec.get(name) for name in FIELDS} | {"starts": starts}, sort_keys=True))


@lru_cache(maxsize=KEPT)
def _kept(fields: str) -> Objective:
    return objective(json.loads(fields))


def backend_of(spec: Mapping[str, Any]) -> Backend:
    """The backend a spec asks for; `auto` is the state vector.

    Raises:
        UserError: there is no such backend, or it cannot do what is asked of it.
    """
    name = spec.get("backend") or "auto"
    name = "statevector" if name == "auto" else name
    # Only backends that run every kind of loop have a choice of precision.
    loops = name in BACKENDS and BACKENDS[name].loops
    backend = backends.load(name, **{"precision": spec.get("precision") or "double"} if loops else {})
    if spec.get("noise") is not None and not BACKENDS[name].noise:
        raise UserError(f"noise: backend {name} applies none to variational loops; set noise to null")
    if spec.get("mitigation"):
        raise UserError("mitigation: variational loops have none yet; leave it empty")
    return backend


def noise_of(spec: Mapping[str, Any], n_qubits: int) -> NoiseModel | None:
    """The noise model of a spec on the qubits of its program."""
    return NoiseModel(spec["noise"], range(n_qubits)) if spec.get("noise") is not None else None


def vqe(spec: Mapping[str, Any]) -> ExactEnergy | SampledEnergy:
    """The objective of a hybrid_vqe spec: exact, or sampled where `shots` is given."""
    from workers.quantum.variational.system import system

    target, trial = system(spec)
    backend, shots = backend_of(spec), spec.get("shots")
    if shots is None:
        noise = noise_of(spec, target.operator.n_qubits)
        return ExactEnergy(trial, target.operator, backend, noise)
    return SampledEnergy(trial, target.operator, backend, shots, spec.get("seed") or 0)


def qaoa(spec: Mapping[str, Any]) -> Qaoa:
    """The objective of a hybrid_qaoa spec."""
    from workers.quantum.variational.ising import ising

    init = spec.get("init") or "linear_ramp"
    return Qaoa(ising(spec["problem"]), backend_of(spec), spec["layers"], init)


def classifier(spec: Mapping[str, Any]) -> Classifier:
    """The objective of a quantum_ml spec whose model is a variational classifier."""
    from workers.quantum.learning.data import load
    from workers.quantum.variational.classifier import classifier as of_dataset

    backend_of(spec)
    return of_dataset(spec, load(spec))


OBJECTIVES: dict[str, Callable[[Mapping[str, Any]], Objective]] = {
    "hybrid_vqe": vqe,
    "hybrid_qaoa": qaoa,
    "quantum_ml": classifier,
}
