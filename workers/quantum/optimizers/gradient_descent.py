"""Gradient descent with a constant rate: the yardstick of the other optimizers."""

import numpy as np

from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, Options
from workers.quantum.optimizers.descent import descend

MAX_ITERATIONS = 1000
LEARNING_RATE = 0.1


def minimize(evaluate: Evaluate, x0: Vector, options: Options, rng: np.random.Generator) -> Minimum:
    """Minimises until the value stops changing; converges for rates below 2 over the largest curvature."""
    rate = options.step or LEARNING_RATE
    return descend(evaluate, x0, options, MAX_ITERATIONS, lambda _, gradient: -rate * gradient)
