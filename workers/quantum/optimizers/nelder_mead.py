"""The simplex method of Nelder and Mead: no gradients, slow and sturdy, for few parameters."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, Options, minimum, value_only

ITERATIONS_PER_PARAMETER = 200
EDGE_RAD = 0.25


def minimize(evaluate: Evaluate, x0: Vector, options: Options, rng: np.random.Generator) -> Minimum:
    """Minimises until the simplex is flat to `tolerance` and small to its square root.

    `step` is the edge of the first simplex. Moves shrink with the dimension.

    Source: Nelder, Mead, Comput. J. 7, 308 (1965); the moves, Gao, Han, Comput. Optim. Appl. 51, 259 (2012).
    """
    edge = options.step or EDGE_RAD
    result = scipy_minimize(
        value_only(evaluate),
        x0,
        method="Nelder-Mead",
        options={
            # SciPy's own simplex has edges of 0.00025 at the origin, where most starts are.
            "initial_simplex": np.vstack([x0, x0 + edge * np.eye(x0.size)]),
            "maxiter": options.max_iterations or ITERATIONS_PER_PARAMETER * x0.size,
            "maxfev": np.inf,
            "xatol": options.tolerance**0.5,
            "fatol": options.tolerance,
            "adaptive": x0.size > 2,
        },
    )
    return minimum(result, int(result.nit))
