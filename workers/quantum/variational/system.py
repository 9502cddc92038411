"""The Hamiltonian of a VQE and its ansatz, on the same qubits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from novacron.specs import VQE
from novacron.specs.ansatz import Adapt, AnyAnsatz, HamiltonianVariational, Uccsd
from workers.quantum.ansatz import ansatz
from workers.quantum.ansatz.base import Ansatz, Trial
from workers.quantum.ansatz.preparation import degenerate
from workers.quantum.hamiltonians import hamiltonian
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.variational import seeds
from workers.quantum.variational.kept import Kept

PERTURBED = 1e-2
"""Default perturbation for several starts with a degenerate shell."""
FIELDS = {"hamiltonian", "ansatz", "perturb", "starts", "seed"}
"""The fields that both depend on."""


def system(spec: VQE) -> tuple[Hamiltonian, Trial]:
    """Return the Hamiltonian on the qubits of the ansatz, and the ansatz.

    The last spec's are cached, since a job's loops and their conclusion use them in turn.

    Raises:
        UserError: one of them cannot be built.
    """
    return _kept(spec)


def _system(spec: VQE) -> tuple[Hamiltonian, Trial]:
    known = hamiltonian(spec.hamiltonian)
    if isinstance(spec.ansatz, Uccsd | Adapt):  # on one qubit per spin orbital, spins interleaved
        known = known.jordan_wigner()
    perturb = spec.perturb
    if open_shell(spec.ansatz, known) and (perturb or spec.starts > 1):
        known = _disordered(known, perturb or PERTURBED, spec.seed)
    trial = ansatz(spec.ansatz, known)
    if perturb and isinstance(trial, Ansatz):
        widths = trial.first_spread, trial.spread
        trial = replace(trial, first_spread=max(widths[0], perturb), spread=max(widths[1], perturb))
    return known, trial


_kept = Kept(_system, lambda spec: spec.model_dump_json(include=FIELDS), 1)


def open_shell(ansatz: AnyAnsatz, known: Hamiltonian) -> bool:
    """Return whether the ansatz starts from one of many ground states of free fermions."""
    if not isinstance(ansatz, HamiltonianVariational) or known.hopping is None:
        return False
    reference = known.reference or ""
    return any(degenerate(known.hopping, reference[spin::2].count("1")) for spin in (0, 1))


def _disordered(known: Hamiltonian, perturb: float, seed: int) -> Hamiltonian:
    assert known.hopping is not None
    rng = seeds.generator(seed, seeds.DISORDER)
    size = perturb * float(np.abs(known.hopping).max())
    return replace(known, disorder=size * rng.standard_normal(len(known.hopping)))
