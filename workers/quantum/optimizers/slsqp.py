"""Sequential least-squares programming: dense quasi-Newton, good for few parameters."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from novacron.specs.optimizer import Slsqp
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, minimum, with_gradient


def minimize(evaluate: Evaluate, x0: Vector, options: Slsqp, rng: np.random.Generator) -> Minimum:
    """Minimise until the value changes by less than `tolerance`.

    Source: Kraft, DFVLR-FB 88-28 (1988), through SciPy.
    """
    result = scipy_minimize(
        with_gradient(evaluate),
        x0,
        jac=True,
        method="SLSQP",
        options={"maxiter": options.iterations(x0.size), "ftol": options.tolerance},
    )
    return minimum(result, int(result.nit))
