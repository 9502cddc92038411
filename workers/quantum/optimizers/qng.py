"""Quantum natural gradient descent: steps in the metric of states, not of angles."""

import numpy as np

from novacron.specs.optimizer import Qng
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum
from workers.quantum.optimizers.descent import descend


def minimize(evaluate: Evaluate, x0: Vector, options: Qng, rng: np.random.Generator) -> Minimum:
    """Minimise until the value stops changing; the gradients it receives are already natural ones.

    Source: Stokes et al., Quantum 4, 269 (2020), eq. 6.
    """
    return descend(evaluate, x0, options, lambda _, natural: -options.learning_rate * natural)
