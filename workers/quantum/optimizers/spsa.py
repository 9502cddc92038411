"""Simultaneous perturbation: two evaluations a step, whatever the number of parameters."""

import numpy as np

from workers.quantum.objective import Vector
from workers.quantum.optimizers.base import Evaluate, Minimum, Options

MAX_ITERATIONS = 300
ALPHA, GAMMA = 0.602, 0.101
PERTURBATION_RAD = 0.1
FIRST_STEP_RAD = 0.1
STABILITY = 0.1
CALIBRATION_PAIRS = 8
PATIENCE = 10
FLAT = 1e-10
# Steps this many times the first one mean that `a` was found where the objective is flat.
LONGEST_STEP = 10.0


def minimize(evaluate: Evaluate, x0: Vector, options: Options, rng: np.random.Generator) -> Minimum:
    """Steps along simultaneous-perturbation gradients with gains a/(A+k+1)^alpha and c/(k+1)^gamma.

    `gains` may set a, c, A, alpha and gamma; `step` is the length of the first step in each angle
    (default 0.1 rad), from which `a` is found by a batch of eight pairs at the start; A is a tenth of
    the iterations. An `a` found where the objective is flatter than elsewhere is lowered at the first step
    that would be ten times as long, so that this one is just that long.
    Ends early when ten steps running moved every angle by less than `tolerance`.

    Source: Spall, IEEE Trans. Autom. Control 37, 332 (1992), eq. 2.2; the gains, Spall, IEEE Trans. Aerosp.
    Electron. Syst. 34, 817 (1998), section III.B.
    """
    last = options.max_iterations or MAX_ITERATIONS
    gains = {"c": PERTURBATION_RAD, "A": STABILITY * last, "alpha": ALPHA, "gamma": GAMMA, **options.gains}
    point, longest = np.array(x0, dtype=np.float64), np.inf
    if "a" not in gains:
        first_step = options.step or FIRST_STEP_RAD
        longest = LONGEST_STEP * first_step
        slope = _slope(evaluate, point, gains["c"], rng)
        gains["a"] = first_step * (gains["A"] + 1.0) ** gains["alpha"] / slope
    still, k = 0, 0
    while k < last and still < PATIENCE:
        radius = gains["c"] / (k + 1) ** gains["gamma"]
        rate = gains["a"] / (gains["A"] + k + 1) ** gains["alpha"]
        (signs,) = _directions(rng, 1, point.size)
        plus, minus = evaluate([point + radius * signs, point - radius * signs], False)
        step = rate * (plus.value - minus.value) / (2.0 * radius)
        if abs(step) > longest:
            gains["a"] *= longest / abs(step)
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
