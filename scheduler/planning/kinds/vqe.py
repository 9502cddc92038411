"""Planning `hybrid_vqe`."""

from __future__ import annotations

from novacron.specs import VQE
from scheduler.planning.kinds import feasible, loop, sampled
from scheduler.planning.kinds.base import Work, granularity

SECONDS_PER_AMPLITUDE_OP = 1.2e-9
SECONDS_PER_OP = 4e-6
SECONDS_PER_UNIT = 1e-4
SECONDS_PER_SHOT = 2e-7


def plan(spec: VQE, queue: str, memory_bytes: int) -> Work:
    """One loop a start; the evaluations of a loop are tasks of their own where they are dear.

    Raises:
        BadInput: the worker would refuse it.
    """
    feasible.check(spec)
    n_parameters = 4 * spec.n_qubits if spec.n_parameters is None else spec.n_parameters
    ops = 4 * n_parameters + (spec.n_terms or 50)
    amplitudes = (4 if spec.backend == "density_matrix" else 2) ** spec.n_qubits
    evaluation_s = ops * (SECONDS_PER_AMPLITUDE_OP * amplitudes + SECONDS_PER_OP)
    units: int | None = 1
    if spec.shots:
        units = sampled.units(spec)
        evaluation_s *= sampled.n_points(spec) or 2 * n_parameters
        evaluation_s += (units or spec.n_terms or 50) * (SECONDS_PER_UNIT + spec.shots * SECONDS_PER_SHOT)
    mode, why = granularity(spec.granularity, evaluation_s, "an evaluation")
    evaluations = loop.EXPECTED_EVALUATIONS[spec.optimizer.name]
    known = {"e_hf": spec.hamiltonian.e_hf, "e_exact": spec.hamiltonian.e_exact}
    return Work(
        loop.tasks(
            "conclude_vqe", starts=spec.starts, mode=mode, queue=queue,
            evaluation_s=evaluation_s, evaluations=evaluations, memory_bytes=memory_bytes,
        ),
        mode, why,
        shape=f"vqe/{spec.ansatz.name}/{spec.n_qubits}/{n_parameters}/{spec.optimizer.name}/{spec.starts}/{spec.shots}/{mode}",
        cost_s=evaluation_s * evaluations * spec.starts,
        loop=loop.summary(spec.starts, evaluations, units),
        known={name: value for name, value in known.items() if value is not None},
    )  # fmt: skip
