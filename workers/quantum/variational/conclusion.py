"""What the results of loops of every kind have in common."""

from __future__ import annotations

from collections.abc import Sequence

from novacron.json_types import JsonObject
from novacron.specs import Spec
from workers.quantum.ansatz.base import Parameter
from workers.quantum.variational.replay import LoopResult
from workers.runtime.context import Context

NEVER_LEFT = (
    "the optimizer never left its start: no evaluation was lower than the first; "
    "raise `starts`, or choose another start, ansatz or optimizer"
)


def loops(context: Context[Spec]) -> list[LoopResult]:
    """The loops that the concluding task came after, best first, the lower number among equals."""
    return sorted((LoopResult(**value) for value in context.inputs), key=lambda end: (end.excess, end.loop))


def described(parameters: Sequence[Parameter], order: str) -> JsonObject:
    """The fields of a result that tell what each parameter is; `order`: of its qubits and gates, in words."""
    return {
        "parameter_names": [parameter.name for parameter in parameters],
        "operators": [parameter.operator for parameter in parameters],
        "order": order,
    }


def summary(
    context: Context[Spec],
    ends: Sequence[LoopResult],
    value_name: str,
    sign: float = 1.0,
    lowest: bool = False,
) -> JsonObject:
    """The fields of a result that every loop gives; `ends` best first.

    Args:
        context: of the concluding task; it is warned where the optimizer never left its start.
        ends: from `loops`.
        value_name: what the objective is called in the history.
        sign: -1 where people see the negative of what was minimised.
        lowest: whether the best value is known to be the lowest there is, so that staying is no fault.
    """
    best = ends[0]
    if best.point and not (best.left_its_start or best.sampled or lowest):
        context.warn(NEVER_LEFT)
    return {
        "n_iterations": best.n_iterations,
        "n_evaluations": sum(len(end.values) for end in ends),
        "converged": best.converged,
        "message": best.message,
        "history": _history(best, value_name, sign),
        "start": best.loop,
        "starts": [
            {
                "start": end.loop,
                value_name: sign * end.value + 0.0,
                "n_iterations": end.n_iterations,
                "n_evaluations": len(end.values),
                "converged": end.converged,
                "message": end.message,
            }
            for end in sorted(ends, key=lambda end: end.loop)
        ],
    }


def _history(end: LoopResult, value_name: str, sign: float) -> list[dict[str, float | None]]:
    """Every evaluation in order, with its standard error where it was sampled."""
    points: list[dict[str, float | None]] = [
        {"evaluation": k, value_name: sign * value + 0.0} for k, value in enumerate(end.values, start=1)
    ]
    for point, variance in zip(points, end.variances, strict=False):
        point["std_error"] = None if variance is None else variance**0.5
    return points
