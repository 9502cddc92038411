"""Gradient descent with a constant rate: the baseline of the other optimizers."""

import numpy as np

from novacron.specs.optimizer import GradientDescent
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum
from workers.quantum.optimizers.descent import descend


def minimize(evaluate: Evaluate, x0: Vector, options: GradientDescent, rng: np.random.Generator) -> Minimum:
    """Minimise until the value stops changing; converges for rates below 2 over the largest curvature."""
    return descend(evaluate, x0, options, lambda _, gradient: -options.learning_rate * gradient)
