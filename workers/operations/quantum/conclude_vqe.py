"""The result of a VQE, from its loops."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from novacron.specs import VQE
from workers.quantum.variational.build import backend_of, noise_of
from workers.quantum.variational.conclusion import described, loops, summary
from workers.quantum.variational.exact_line import exact_energy, is_small
from workers.quantum.variational.quantum_numbers import quantum_numbers
from workers.quantum.variational.system import system
from workers.quantum.variational.verdict import ROUNDING, Verdict
from workers.runtime.context import Context
from workers.runtime.outcome import Done

MILLI = 1e3
ORDER = (
    "qubit i is character i of every string of letters or bits, qubit 0 leftmost; spin orbital k is qubit k "
    "(Jordan-Wigner; even: spin up, odd: spin down; terms in another encoding are converted for uccsd "
    "and adapt, exported circuits end in their own); the parameter theta of operator G is the gate "
    "exp(theta G), and t_i.j_a.b is T - T^ with T = a^_a a^_b a_j a_i, ^ the adjoint"
)


def conclude_vqe(context: Context[VQE]) -> Done:
    """Return the best energy with its own parameters; inputs: the LoopResult of every start.

    `evaluation` is the one-based position of the energy in the history; `std_error` is None for exact
    energies; `parameter_names` and `operators` describe the generator of each parameter, in order of
    application; `e_hf`, `e_exact` and `error_mha` (thousandths of the Hamiltonian's unit) are None where
    unknown; `n_particles`, `s_z`, `s_squared` and `variance` are those of the final state.
    """
    spec, ends = context.spec, loops(context)
    best, (known, trial) = ends[0], system(spec)
    program, backend = trial.circuit(tuple(best.operators)), backend_of(spec)
    noise = noise_of(spec, known.n_qubits)
    numbers = quantum_numbers(known, program, np.array(best.point, dtype=np.float64), backend, noise)
    found = exact_energy(known, context.checkpoint) if known.e_exact is None or is_small(known) else None
    e_exact = found if known.e_exact is None else known.e_exact
    unit = known.operator.deviation
    lowest = not unit or (e_exact is not None and best.value <= e_exact + ROUNDING * unit)
    for warning in Verdict(spec, known, program, best, numbers, e_exact, found, noise).warnings(backend):
        context.warn(warning)
    return Done(
        {
            "energy": best.value,
            "parameters": best.point,
            "evaluation": best.position + 1,
            "std_error": None if best.variance is None else best.variance**0.5,
            "e_hf": known.e_hf,
            "e_exact": e_exact,
            "error_mha": None if e_exact is None else MILLI * (best.value - e_exact),
            **asdict(numbers),
            "n_qubits": known.n_qubits,
            "n_parameters": len(best.point),
            **described(trial.named(tuple(best.operators)), ORDER),
            **summary(context, ends, "energy", lowest=lowest),
        }
    )
