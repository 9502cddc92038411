"""Tasks of a variational job: one loop per start, then the conclusion."""

from __future__ import annotations

from math import ceil

from novacron.specs import QAOA, VQE
from scheduler.planning import noisy_loop
from shared.quantum import cost, partition
from shared.quantum.trajectories import LOOP_BLOCK, PER_EVALUATION
from shared.tasks import TaskSpec

EXPECTED_EVALUATIONS = {
    "lbfgs": 60, "slsqp": 60, "cobyla": 400, "nelder_mead": 800, "powell": 2000, "spsa": 400, "adam": 200,
    "gradient_descent": 400, "qng": 100, "rotosolve": 1000,
}  # fmt: skip


def tasks(
    conclude: str,
    *,
    starts: int,
    mode: str,
    queue: str,
    evaluation_s: float,
    evaluations: int,
    memory_bytes: int,
) -> list[TaskSpec]:
    """Return `optimize` (fused) or `advance` (fanned out, grows as it runs) per start, then `conclude`."""
    operation = "optimize" if mode == "fused" else "advance"
    cost_s = evaluation_s * evaluations if mode == "fused" else 0.02
    loops = [
        TaskSpec(operation, queue, {"loop": loop}, (), cost_s, memory_bytes, f"{operation} start {loop + 1}")
        for loop in range(starts)
    ]
    last = TaskSpec(conclude, queue, {}, tuple(range(starts)), max(evaluation_s, 0.01), memory_bytes)
    return [*loops, last]


def summary(starts: int, evaluations: int, units: int | None = 1) -> dict[str, int | None]:
    """Return the loop summary for `explain`; `units` per evaluation are None where only a worker can tell."""
    return {"n_loops": starts, "units_per_evaluation": units, "expected_evaluations": evaluations * starts}


def on_device(spec: VQE | QAOA) -> tuple[int | None, float]:
    """Return units and seconds of an evaluation on a simulated device; units are None as in `summary`."""
    pairs, rotations = partition.sizes(spec)
    n, gradient = spec.n_qubits, spec.optimizer.gradient
    if not noisy_loop.sampled(spec):
        return 1, cost.mixed_s(pairs, rotations, n, gradient=gradient)
    if isinstance(spec, QAOA) or spec.shots is None:
        blocks = ceil(PER_EVALUATION / LOOP_BLOCK)
        return blocks, cost.trajectories_s(pairs, rotations, n, PER_EVALUATION, gradient=gradient)
    units = partition.units(spec)
    n_settings = spec.n_terms or partition.USUAL_TERMS
    supposed = n_settings * (1 + partition.ROTATION * rotations if gradient else 1)
    return units, (units or supposed) * cost.trajectories_s(pairs, rotations, n, spec.shots)
