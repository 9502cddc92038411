"""The result of a VQE, from its loops."""

from __future__ import annotations

from workers.ansatz import ansatz
from workers.context import Context
from workers.hamiltonians import hamiltonian
from workers.outcome import Done
from workers.variational.conclusion import described, loops, summary

MILLI = 1e3
ORDER = (
    "qubit i is character i of every string of letters or bits, qubit 0 leftmost; spin orbital k is qubit k "
    "(Jordan-Wigner; even: spin up, odd: spin down); the parameter theta of operator G is the gate "
    "exp(theta G), and t_i.j_a.b is T - T^ with T = a^_a a^_b a_j a_i, ^ the adjoint"
)


def conclude_vqe(context: Context) -> Done:
    """The best energy with its own parameters; inputs: the LoopResult of every start.

    `evaluation` is that of the energy in the history, counted from 1; `std_error` is None for exact energies;
    `parameter_names` and `operators` tell what each parameter turns, first acting first;
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
            **described(ansatz(context.spec["ansatz"], known).named(tuple(best.operators)), ORDER),
            **summary(context, ends, "energy"),
        }
    )
