"""Planning `hybrid_qaoa`."""

from __future__ import annotations

from novacron.specs import QAOA
from scheduler.planning import mitigation
from scheduler.planning.kinds import loop
from scheduler.planning.kinds.base import Work, granularity
from shared.quantum import cost
from shared.quantum.backends import BACKENDS


def plan(spec: QAOA, queue: str, memory_bytes: int) -> Work:
    """Plan one loop per start, then sampling at the best angles."""
    units, evaluation_s = _evaluation(spec)
    mode, why = granularity(spec.granularity, evaluation_s, "an evaluation")
    why += mitigation.of_loop(spec, 1)
    evaluations = loop.EXPECTED_EVALUATIONS[spec.optimizer.name]
    return Work(
        loop.tasks(
            "conclude_qaoa", starts=spec.starts, mode=mode, queue=queue,
            evaluation_s=evaluation_s, evaluations=evaluations, memory_bytes=memory_bytes,
        ),
        mode, why,
        shape=f"qaoa/{spec.n_qubits}/{spec.layers}/{spec.init}/{spec.optimizer.name}/{spec.starts}/{mode}",
        cost_s=evaluation_s * evaluations * spec.starts,
        loop=loop.summary(spec.starts, evaluations, units),
    )  # fmt: skip


def _evaluation(spec: QAOA) -> tuple[int | None, float]:
    """Return units and seconds of an evaluation."""
    if spec.backend in BACKENDS and BACKENDS[spec.backend].simulates_devices:
        return loop.on_device(spec)
    return 1, cost.qaoa_s(spec.n_qubits, spec.layers, gradient=spec.optimizer.gradient)
