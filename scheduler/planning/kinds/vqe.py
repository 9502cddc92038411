"""Planning `hybrid_vqe`."""

from __future__ import annotations

from novacron.specs import VQE
from scheduler.planning import mitigation
from scheduler.planning.kinds import feasible, loop
from scheduler.planning.kinds.base import Work, granularity
from shared.quantum import cost, partition
from shared.quantum.backends import BACKENDS, HARDWARE


def plan(spec: VQE, queue: str, memory_bytes: int) -> Work:
    """Plan one loop per start; expensive evaluations become tasks of their own.

    Raises:
        BadInput: the worker would refuse it.
    """
    feasible.check(spec)
    n_parameters = spec.n_parameters or 4 * spec.n_qubits
    units, evaluation_s = _evaluation(spec)
    mode, why = granularity(spec.granularity, evaluation_s, "an evaluation")
    if spec.backend in HARDWARE:
        mode, why = "fanned_out", "the evaluations of a step are one job of the provider"
    why += mitigation.of_loop(spec, partition.n_settings(spec) if spec.mitigation else None)
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


def _evaluation(spec: VQE) -> tuple[int | None, float]:
    """Return units and seconds of an evaluation."""
    n_ops, n_qubits, units = partition.n_ops(spec), spec.n_qubits, partition.units(spec)
    declared = BACKENDS.get(spec.backend, BACKENDS["statevector"])
    if declared.simulates_devices:
        return loop.on_device(spec)
    if spec.shots is None:
        gradient, growth = spec.optimizer.gradient, declared.growth
        n_masks = partition.n_masks(spec)
        return units, cost.exact_s(n_ops, n_masks, n_qubits, gradient=gradient, growth=growth)
    n_points = partition.n_points(spec) or 2 * n_ops
    n_units = units or n_points * (spec.n_terms or partition.USUAL_TERMS)
    seconds = cost.estimate_s(n_ops, n_qubits, n_points=n_points, n_units=n_units, shots=spec.shots)
    return units, seconds
