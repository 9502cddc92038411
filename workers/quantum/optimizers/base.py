"""The interface of optimizers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from workers.quantum.objective import Evaluation, Vector


class Evaluate(Protocol):
    """Evaluates a batch of points, in order; with gradients if requested."""

    def __call__(self, points: Sequence[Vector], gradient: bool) -> list[Evaluation]:
        """Return one evaluation per point."""
        ...


@dataclass(frozen=True, slots=True)
class Minimum:
    """The optimizer's final point and its termination."""

    point: Vector  # shape: [n_parameters]
    value: float
    n_iterations: int
    converged: bool
    message: str


Minimize = Callable[..., Minimum]
"""(objective, start, options of its own class, random stream[, spectrum]) -> minimum."""


def with_gradient(evaluate: Evaluate) -> Callable[[Vector], tuple[float, Vector]]:
    """Return the objective as SciPy's gradient-based methods require it (`jac=True`)."""

    def value_and_gradient(point: Vector) -> tuple[float, Vector]:
        (evaluation,) = evaluate([point], True)
        if evaluation.gradient is None:
            raise RuntimeError("the objective answered a request for a gradient without one")
        return evaluation.value, evaluation.gradient

    return value_and_gradient


def value_only(evaluate: Evaluate) -> Callable[[Vector], float]:
    """Return the objective as SciPy's derivative-free methods require it."""

    def value(point: Vector) -> float:
        return evaluate([point], False)[0].value

    return value


LAST_WORDS = {
    "TOTAL NO. OF ITERATIONS": "stopped at the limit of iterations (optimizer.max_iterations)",
    "Maximum number of iterations": "stopped at the limit of iterations (optimizer.max_iterations)",
    "Iteration limit": "stopped at the limit of iterations (optimizer.max_iterations)",
    "MAXFUN times": "stopped at the limit of iterations (optimizer.max_iterations)",
    "F,G EVALUATIONS": "stopped at the limit of evaluations, 50 an iteration (optimizer.max_iterations)",
    "NORM OF PROJECTED GRADIENT": "the gradient has vanished",
    "RELATIVE REDUCTION OF F": "the value no longer decreases",
    "trust region radius": "the trust region is as small as the tolerance",
    "ABNORMAL": "no step along the gradient lowers the value",
}
"""Termination messages of SciPy's methods, recognized by a phrase, in terms of our fields."""


def minimum(result: Any, n_iterations: int) -> Minimum:
    """Convert a SciPy OptimizeResult."""
    said = str(result.message)
    return Minimum(
        point=np.array(result.x, dtype=np.float64),
        value=float(result.fun),
        n_iterations=n_iterations,
        converged=bool(result.success),
        message=next((ours for theirs, ours in LAST_WORDS.items() if theirs in said), said),
    )
