"""Planning `hybrid_qaoa`."""

from __future__ import annotations

from novacron.specs import QAOA
from scheduler.planning.kinds import loop
from scheduler.planning.kinds.base import Work, granularity
from shared.quantum import cost


def plan(spec: QAOA, queue: str, memory_bytes: int) -> Work:
    """Plan one loop per start, then sampling at the best angles."""
    evaluation_s = cost.qaoa_s(spec.n_qubits, spec.layers, gradient=spec.optimizer.gradient)
    mode, why = granularity(spec.granularity, evaluation_s, "an evaluation")
    evaluations = loop.EXPECTED_EVALUATIONS[spec.optimizer.name]
    return Work(
        loop.tasks(
            "conclude_qaoa", starts=spec.starts, mode=mode, queue=queue,
            evaluation_s=evaluation_s, evaluations=evaluations, memory_bytes=memory_bytes,
        ),
        mode, why,
        shape=f"qaoa/{spec.n_qubits}/{spec.layers}/{spec.init}/{spec.optimizer.name}/{spec.starts}/{mode}",
        cost_s=evaluation_s * evaluations * spec.starts,
        loop=loop.summary(spec.starts, evaluations),
    )  # fmt: skip
