"""What an optimizer is given and what it gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from workers.quantum.objective import Evaluation, Vector


class Evaluate(Protocol):
    """Evaluates a batch of points, in order; with their gradients if asked."""

    def __call__(self, points: Sequence[Vector], gradient: bool) -> list[Evaluation]:
        """One evaluation for each point."""
        ...


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where an optimizer ended, in its own judgement."""

    point: Vector  # shape: [n_parameters]
    value: float
    n_iterations: int
    converged: bool
    message: str


Minimize = Callable[..., Minimum]
"""(objective, start, options of its own class, random stream[, spectrum]) -> where it ended."""


def with_gradient(evaluate: Evaluate) -> Callable[[Vector], tuple[float, Vector]]:
    """The objective as SciPy's gradient methods want it (`jac=True`)."""

    def value_and_gradient(point: Vector) -> tuple[float, Vector]:
        (evaluation,) = evaluate([point], True)
        if evaluation.gradient is None:
            raise RuntimeError("the objective answered a request for a gradient without one")
        return evaluation.value, evaluation.gradient

    return value_and_gradient


def value_only(evaluate: Evaluate) -> Callable[[Vector], float]:
    """The objective as SciPy's derivative-free methods want it."""

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
    "RELATIVE REDUCTION OF F": "the value falls no further",
    "trust region radius": "the trust region is as small as the tolerance",
    "ABNORMAL": "no step along the gradient lowers the value",
}
"""How SciPy's methods end, by words of what they say, in words that name our fields."""


def minimum(result: Any, n_iterations: int) -> Minimum:
    """A SciPy OptimizeResult in our terms."""
    said = str(result.message)
    return Minimum(
        point=np.array(result.x, dtype=np.float64),
        value=float(result.fun),
        n_iterations=n_iterations,
        converged=bool(result.success),
        message=next((ours for theirs, ours in LAST_WORDS.items() if theirs in said), said),
    )
