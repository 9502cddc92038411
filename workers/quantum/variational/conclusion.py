"""Common parts of the results of loops of every kind."""

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
    """Return the loops before the concluding task, best first, the lower number on ties."""
    return sorted((LoopResult(**value) for value in context.inputs), key=lambda end: (end.excess, end.loop))


def described(parameters: Sequence[Parameter], order: str) -> JsonObject:
    """Return the result fields that describe each parameter; `order`: of its qubits and gates, in words."""
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
    """Return the result fields common to all loops; `ends` best first.

    Args:
        context: context of the concluding task; receives a warning if the optimizer never left its start.
        ends: from `loops`.
        value_name: the objective's name in the history.
        sign: -1 if the reported value is the negative of the minimised one.
        lowest: whether the best value is known to be the global minimum, so that staying at the start is
            correct.
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
    """Return every evaluation in order, with its standard error if it was sampled."""
    points: list[dict[str, float | None]] = [
        {"evaluation": k, value_name: sign * value + 0.0} for k, value in enumerate(end.values, start=1)
    ]
    for point, variance in zip(points, end.variances, strict=False):
        point["std_error"] = None if variance is None else variance**0.5
    return points
