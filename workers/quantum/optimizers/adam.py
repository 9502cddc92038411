"""Adam: gradient descent with moment estimates, for noisy gradients."""

import numpy as np

from novacron.specs.optimizer import Adam
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum
from workers.quantum.optimizers.descent import descend

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def minimize(evaluate: Evaluate, x0: Vector, options: Adam, rng: np.random.Generator) -> Minimum:
    """Minimise until the value stops changing.

    Source: Kingma, Ba, arXiv:1412.6980, algorithm 1 with its constants; the learning rate suits angles.
    """
    first, second = np.zeros(x0.size), np.zeros(x0.size)

    def step(k: int, gradient: Vector) -> Vector:
        nonlocal first, second
        first = BETA_1 * first + (1.0 - BETA_1) * gradient
        second = BETA_2 * second + (1.0 - BETA_2) * gradient * gradient
        ahead = first / (1.0 - BETA_1**k) / (np.sqrt(second / (1.0 - BETA_2**k)) + EPSILON)
        return np.asarray(-options.learning_rate * ahead)

    return descend(evaluate, x0, options, step)
