"""Adam: gradient descent with moment estimates, for noisy gradients."""

import numpy as np

from workers.optimizers.base import Evaluate, Minimum, Options, with_gradient
from workers.variational.objective import Vector

MAX_ITERATIONS = 500
LEARNING_RATE = 0.05
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
PATIENCE = 10


def minimize(evaluate: Evaluate, x0: Vector, options: Options, rng: np.random.Generator) -> Minimum:
    """Minimises until ten iterations running changed the value by less than `tolerance`, relatively.

    Source: Kingma, Ba, arXiv:1412.6980, algorithm 1 with its constants; the learning rate suits angles.
    """
    objective = with_gradient(evaluate)
    rate = options.step or LEARNING_RATE
    last = options.max_iterations or MAX_ITERATIONS
    point = np.array(x0, dtype=np.float64)
    first, second = np.zeros_like(point), np.zeros_like(point)
    value, gradient = objective(point)
    still = 0
    for k in range(1, last + 1):
        first = BETA_1 * first + (1.0 - BETA_1) * gradient
        second = BETA_2 * second + (1.0 - BETA_2) * gradient * gradient
        step = first / (1.0 - BETA_1**k) / (np.sqrt(second / (1.0 - BETA_2**k)) + EPSILON)
        point = point - rate * step
        before = value
        value, gradient = objective(point)
        still = still + 1 if abs(before - value) <= options.tolerance * max(1.0, abs(value)) else 0
        if still == PATIENCE:
            return Minimum(point, value, k, True, "the value has stopped changing")
    return Minimum(point, value, last, False, f"stopped after {last} iterations")
