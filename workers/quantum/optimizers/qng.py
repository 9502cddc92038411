"""Quantum natural gradient descent: steps measured in the states, not in their angles."""

import numpy as np

from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, Options
from workers.quantum.optimizers.descent import descend

MAX_ITERATIONS = 200
LEARNING_RATE = 0.1


def minimize(evaluate: Evaluate, x0: Vector, options: Options, rng: np.random.Generator) -> Minimum:
    """Minimises until the value stops changing; the gradients it is answered are natural ones already.

    Source: Stokes et al., Quantum 4, 269 (2020), eq. 6.
    """
    rate = options.step or LEARNING_RATE
    return descend(evaluate, x0, options, MAX_ITERATIONS, lambda _, natural: -rate * natural)
