"""Constrained optimization by linear approximation: no gradients, few evaluations."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from novacron.specs.optimizer import Cobyla
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, minimum, value_only

# PRIMA rejects a final radius that is negligible relative to the first.
SMALLEST_RADIUS_RAD = 1e-10


def minimize(evaluate: Evaluate, x0: Vector, options: Cobyla, rng: np.random.Generator) -> Minimum:
    """Minimise until the trust region's radius falls below `tolerance`; one evaluation per iteration.

    The n + 1 evaluations of the first simplex do not count as iterations.

    Source: Powell, in Advances in Optimization and Numerical Analysis, 51 (1994), as reworked in PRIMA,
    Zhang, doi:10.5281/zenodo.8052654, through SciPy.
    """
    start = x0.size + 1
    result = scipy_minimize(
        value_only(evaluate),
        x0,
        method="COBYLA",
        tol=max(options.tolerance, SMALLEST_RADIUS_RAD),
        options={
            "rhobeg": options.rhobeg,
            "maxiter": start + options.iterations(x0.size),
        },
    )
    return minimum(result, max(0, int(result.nfev) - start))
