"""Sequential least-squares programming: dense quasi-Newton, good for few parameters."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, Options, minimum, with_gradient

MAX_ITERATIONS = 500


def minimize(evaluate: Evaluate, x0: Vector, options: Options, rng: np.random.Generator) -> Minimum:
    """Minimises until the value changes by less than `tolerance`.

    Source: Kraft, DFVLR-FB 88-28 (1988), through SciPy.
    """
    result = scipy_minimize(
        with_gradient(evaluate),
        x0,
        jac=True,
        method="SLSQP",
        options={"maxiter": options.max_iterations or MAX_ITERATIONS, "ftol": options.tolerance},
    )
    return minimum(result, int(result.nit))
