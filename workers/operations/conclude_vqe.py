"""The result of a VQE, from its loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workers.ansatz import ansatz
from workers.ansatz.adapt import Adapt
from workers.context import Context
from workers.hamiltonians import hamiltonian
from workers.hamiltonians.base import Hamiltonian
from workers.outcome import Done
from workers.variational.conclusion import loops, summary

MILLI = 1e3


def conclude_vqe(context: Context) -> Done:
    """The best energy with its own parameters; inputs: the LoopResult of every start.

    `evaluation` is that of the energy in the history, counted from 1; `std_error` is None for exact energies;
    `operators` are those of an ansatz that grew, first acting first, one a parameter;
    `e_hf`, `e_exact` and `error_mha` (thousandths of the Hamiltonian's unit) are None where unknown.
    """
    ends = loops(context)
    best, known = ends[0], hamiltonian(context.spec["hamiltonian"])
    return Done(
        {
            "energy": best.value,
            "parameters": best.point,
            "evaluation": best.position + 1,
            "std_error": None if best.variance is None else best.variance**0.5,
            "e_hf": known.e_hf,
            "e_exact": known.e_exact,
            "error_mha": None if known.e_exact is None else MILLI * (best.value - known.e_exact),
            "n_qubits": known.n_qubits,
            "n_parameters": len(best.point),
            **_operators(context.spec["ansatz"], known, best.operators),
            **summary(context, ends, "energy"),
        }
    )


def _operators(spec: Mapping[str, Any], known: Hamiltonian, chosen: Sequence[int]) -> dict[str, list[str]]:
    trial = ansatz(spec, known)
    return {"operators": trial.names(tuple(chosen))} if isinstance(trial, Adapt) else {}
