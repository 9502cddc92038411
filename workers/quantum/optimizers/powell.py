"""Powell's conjugate directions: line searches without gradients."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from novacron.specs.optimizer import Powell
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, minimum, value_only


def minimize(evaluate: Evaluate, x0: Vector, options: Powell, rng: np.random.Generator) -> Minimum:
    """Minimise until a round of line searches, one per direction, gains less than `tolerance`, relatively.

    Lines are searched to the square root of the tolerance.

    Source: Powell, Comput. J. 7, 155 (1964), through SciPy.
    """
    result = scipy_minimize(
        value_only(evaluate),
        x0,
        method="Powell",
        options={
            "maxiter": options.iterations(x0.size),
            "maxfev": np.inf,
            "xtol": options.tolerance**0.5,
            "ftol": options.tolerance,
        },
    )
    return minimum(result, int(result.nit))
