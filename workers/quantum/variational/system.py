"""The Hamiltonian of a hybrid_vqe spec and its ansatz, on the same qubits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from workers.quantum.ansatz import ansatz
from workers.quantum.ansatz.base import Ansatz, Trial
from workers.quantum.ansatz.preparation import degenerate
from workers.quantum.hamiltonians import hamiltonian
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.variational import seeds

EXCITATIONS = frozenset({"uccsd", "adapt"})
"""Ansaetze on one qubit a spin orbital, spins interleaved."""

PERTURBED = 1e-2
"""The perturbation that several starts have by themselves where a shell is degenerate."""


FIELDS = ("hamiltonian", "ansatz", "perturb", "starts", "seed")
"""What they depend on."""


def system(spec: Mapping[str, Any]) -> tuple[Hamiltonian, Trial]:
    """The Hamiltonian on the qubits of the ansatz, and the ansatz.

    Those of the last spec are kept: the loops of a job and what concludes them ask one after the other.

    Raises:
        UserError: one of them cannot be built.
    """
    return _system(json.dumps({field: spec.get(field) for field in FIELDS}))


@lru_cache(maxsize=1)
def _system(wanted: str) -> tuple[Hamiltonian, Trial]:
    spec = json.loads(wanted)
    known = hamiltonian(spec["hamiltonian"])
    if spec["ansatz"]["name"] in EXCITATIONS:
        known = known.jordan_wigner()
    perturb = spec.get("perturb")
    if open_shell(spec, known) and (perturb or spec.get("starts", 1) > 1):
        known = _disordered(known, perturb or PERTURBED, spec.get("seed") or 0)
    trial = ansatz(spec["ansatz"], known)
    if perturb and isinstance(trial, Ansatz):
        widths = trial.first_spread, trial.spread
        trial = replace(trial, first_spread=max(widths[0], perturb), spread=max(widths[1], perturb))
    return known, trial


def open_shell(spec: Mapping[str, Any], known: Hamiltonian) -> bool:
    """Whether the ansatz starts from one of many ground states of free fermions."""
    if spec["ansatz"]["name"] != "hamiltonian_variational" or known.hopping is None:
        return False
    reference = known.reference or ""
    return any(degenerate(known.hopping, reference[spin::2].count("1")) for spin in (0, 1))


def _disordered(known: Hamiltonian, perturb: float, seed: int) -> Hamiltonian:
    assert known.hopping is not None
    rng = seeds.generator(seed, seeds.DISORDER)
    size = perturb * float(np.abs(known.hopping).max())
    return replace(known, disorder=size * rng.standard_normal(len(known.hopping)))
