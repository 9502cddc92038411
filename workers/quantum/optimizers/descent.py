"""Descent by gradient-based steps, the loop shared by several optimizers."""

from collections.abc import Callable

import numpy as np

from novacron.specs.optimizer import Options
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, with_gradient

PATIENCE = 10

Step = Callable[[int, Vector], Vector]
"""(iteration from 1, gradient float64[n]) -> step added to the point, float64[n]."""


def descend(evaluate: Evaluate, x0: Vector, options: Options, step: Step) -> Minimum:
    """Step until ten consecutive iterations changed the value by less than `tolerance`, relatively.

    Args:
        evaluate: the objective.
        x0: float64[n], the start.
        options: options of the optimizer.
        step: the next step.
    """
    objective = with_gradient(evaluate)
    last = options.iterations(x0.size)
    point = np.array(x0, dtype=np.float64)
    value, gradient = objective(point)
    still = 0
    for k in range(1, last + 1):
        point = point + step(k, gradient)
        before = value
        value, gradient = objective(point)
        still = still + 1 if abs(before - value) <= options.tolerance * max(1.0, abs(value)) else 0
        if still == PATIENCE:
            return Minimum(point, value, k, True, "the value has stopped changing")
    return Minimum(point, value, last, False, f"stopped after {last} iterations")
