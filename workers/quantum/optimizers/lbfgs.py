"""Limited-memory BFGS: the default for exact gradients."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from novacron.specs.optimizer import Lbfgs
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, minimum, with_gradient

CORRECTIONS = 20


def minimize(evaluate: Evaluate, x0: Vector, options: Lbfgs, rng: np.random.Generator) -> Minimum:
    """Minimise until the relative decrease of the value, or the gradient, is small.

    `tolerance` bounds the relative decrease in one iteration; the largest gradient component is bounded by a
    tenth of its square root, the magnitude it has that far above a quadratic minimum.

    Source: Byrd, Lu, Nocedal, Zhu, SIAM J. Sci. Comput. 16, 1190 (1995), through SciPy.
    """
    last = options.iterations(x0.size)
    result = scipy_minimize(
        with_gradient(evaluate),
        x0,
        jac=True,
        method="L-BFGS-B",
        options={
            "maxiter": last,
            "maxfun": 50 * last,
            "maxcor": CORRECTIONS,
            "ftol": options.tolerance,
            "gtol": 0.1 * options.tolerance**0.5,
        },
    )
    return minimum(result, int(result.nit))
