"""Simultaneous perturbation: two evaluations per step, whatever the number of parameters."""

import numpy as np

from novacron.specs.optimizer import Spsa
from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum

STABILITY = 0.1
CALIBRATION_PAIRS = 8
PATIENCE = 10
FLAT = 1e-10
# Steps longer than this multiple of the first one indicate that `a` was calibrated where the objective is
# flat.
LONGEST_STEP = 10.0


def minimize(evaluate: Evaluate, x0: Vector, options: Spsa, rng: np.random.Generator) -> Minimum:
    """Step along simultaneous-perturbation gradients with gains a/(A+k+1)^alpha and c/(k+1)^gamma.

    If `a` is None it is calibrated by a batch of eight pairs at the start, so that the first step changes
    each angle by `learning_rate`; if A is None it is a tenth of the iterations. An `a` calibrated where the
    objective is flatter than elsewhere is lowered at the first step that would be ten times as long, so that
    this step is exactly that long. Ends early when ten consecutive steps moved every angle by less than
    `tolerance`.

    Source: Spall, IEEE Trans. Autom. Control 37, 332 (1992), eq. 2.2; the gains, Spall, IEEE Trans. Aerosp.
    Electron. Syst. 34, 817 (1998), section III.B.
    """
    last, a = options.iterations(x0.size), options.a
    delay = STABILITY * last if options.A is None else options.A
    point, longest = np.array(x0, dtype=np.float64), np.inf
    if a is None:
        longest = LONGEST_STEP * options.learning_rate
        slope = _slope(evaluate, point, options.c, rng)
        a = options.learning_rate * (delay + 1.0) ** options.alpha / slope
    still, k = 0, 0
    while k < last and still < PATIENCE:
        radius = options.c / (k + 1) ** options.gamma
        rate = a / (delay + k + 1) ** options.alpha
        (signs,) = _directions(rng, 1, point.size)
        plus, minus = evaluate([point + radius * signs, point - radius * signs], False)
        step = rate * (plus.value - minus.value) / (2.0 * radius)
        if abs(step) > longest:
            a *= longest / abs(step)
            step = np.copysign(longest, step)
        point = point - step * signs
        still = still + 1 if abs(step) < options.tolerance else 0
        k += 1
    (end,) = evaluate([point], False)
    if still == PATIENCE:
        return Minimum(point, end.value, k, True, "the steps have become negligible")
    return Minimum(point, end.value, k, False, f"stopped after {last} iterations")


def _directions(rng: np.random.Generator, count: int, size: int) -> Vector:
    return np.asarray(2.0 * rng.integers(0, 2, size=(count, size)) - 1.0, dtype=np.float64)


def _slope(evaluate: Evaluate, point: Vector, radius: float, rng: np.random.Generator) -> float:
    directions = radius * _directions(rng, CALIBRATION_PAIRS, point.size)
    batch = [point + sign * direction for direction in directions for sign in (1.0, -1.0)]
    values = [evaluation.value for evaluation in evaluate(batch, False)]
    slopes = [
        abs(plus - minus) / (2.0 * radius) for plus, minus in zip(values[::2], values[1::2], strict=True)
    ]
    mean = sum(slopes) / len(slopes)
    return mean if mean > FLAT else 1.0
