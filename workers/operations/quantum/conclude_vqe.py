"""The result of a VQE, from its loops."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from novacron.json_types import JsonObject
from novacron.specs import VQE
from novacron.specs.ansatz import Adapt, CircuitAnsatz, Uccsd
from novacron.specs.mitigation import Sector
from workers.quantum.hamiltonians.base import Hamiltonian
from workers.quantum.mitigation.estimate import Estimate
from workers.quantum.simulation.ir.program import Program
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

    With mitigation the energy is measured anew at the best parameters, and mitigated; the history is not.
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
    energy, error = best.value, None if best.variance is None else best.variance**0.5
    told: JsonObject = {}
    if spec.mitigation:
        estimate, told = _mitigated(context, known, program, best.point)
        energy, error = estimate.value, estimate.error
    return Done(
        {
            "energy": energy,
            "parameters": best.point,
            "evaluation": best.position + 1,
            "std_error": error,
            "e_hf": known.e_hf,
            "e_exact": e_exact,
            "error_mha": None if e_exact is None else MILLI * (energy - e_exact),
            **told,
            **asdict(numbers),
            "n_qubits": known.n_qubits,
            "n_parameters": len(best.point),
            **described(trial.named(tuple(best.operators)), ORDER),
            **summary(context, ends, "energy", lowest=lowest),
        }
    )


def _mitigated(
    context: Context[VQE], known: Hamiltonian, program: Program, point: list[float]
) -> tuple[Estimate, JsonObject]:
    spec = context.spec
    electrons: list[Sector] = []
    if isinstance(spec.ansatz, Uccsd | Adapt) and known.n_electrons is not None and known.two_sz is not None:
        up = (known.n_electrons + known.two_sz) // 2
        for first, ones in ((0, up), (1, known.n_electrons - up)):
            electrons.append(Sector(qubits=tuple(range(first, known.n_qubits, 2)), ones=ones))
    reference = isinstance(spec.ansatz, Uccsd | Adapt | CircuitAnsatz)
    # It imports Qiskit, which only tasks may: see `workers.operations.WARM`.
    from workers.operations.quantum import mitigated_loop

    return mitigated_loop.final(
        context, "energy", program, point, known.operator, reference=reference, electrons=electrons
    )
