"""The Nelder-Mead simplex method: no gradients, slow and robust, for few parameters."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from novacron.specs.optimizer import NelderMead
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, minimum, value_only


def minimize(evaluate: Evaluate, x0: Vector, options: NelderMead, rng: np.random.Generator) -> Minimum:
    """Minimise until the simplex is flat to `tolerance` and small to its square root.

    Moves shrink with the dimension.

    Source: Nelder, Mead, Comput. J. 7, 308 (1965); the moves, Gao, Han, Comput. Optim. Appl. 51, 259 (2012).
    """
    result = scipy_minimize(
        value_only(evaluate),
        x0,
        method="Nelder-Mead",
        options={
            # SciPy's default simplex has edges of 0.00025 at the origin, where most starts are.
            "initial_simplex": np.vstack([x0, x0 + options.initial_step * np.eye(x0.size)]),
            "maxiter": options.iterations(x0.size),
            "maxfev": np.inf,
            "xatol": options.tolerance**0.5,
            "fatol": options.tolerance,
            "adaptive": x0.size > 2,
        },
    )
    return minimum(result, int(result.nit))
