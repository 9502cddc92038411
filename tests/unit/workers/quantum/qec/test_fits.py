"""Lambda and threshold of counts whose values are known."""

from itertools import product
from math import log, sqrt

import numpy as np
import pytest

from workers.quantum.qec.fits import fit

P_TH, NU = 0.0075, 1.4


def points(distances, probabilities, rate, shots=10**6, seed=0):
    draw = np.random.default_rng(seed)
    found = []
    for d, p in product(distances, probabilities):
        seen = int(draw.binomial(shots, rate(d, p))) / shots
        known = {"rate": seen, "std_error": sqrt(seen * (1 - seen) / shots)}
        found.append({"decoder": "pymatching", "distance": d, "rounds": d, "p": p, **known})
    return found


def scaling(d, p):
    x = (p - P_TH) * d ** (1 / NU)
    return 0.06 + 8 * x + 200 * x**2


def suppressed(d, p):
    per_round = 0.05 * 0.25 ** (d / 2)
    return (1 - (1 - 2 * per_round) ** d) / 2


def test_the_interval_covers_the_threshold_that_the_counts_were_drawn_with():
    near = np.linspace(0.006, 0.009, 7)
    found = [fit(points([5, 7, 9], near, scaling, seed=seed))["thresholds"][0] for seed in range(40)]
    covered = sum(one["low"] <= P_TH <= one["high"] for one in found)
    assert covered >= 34  # 38 expected; fewer than 34 once in 50 repeats
    assert np.mean([one["nu"] for one in found]) == pytest.approx(NU, rel=0.05)


def test_lambda_is_the_ratio_of_neighbouring_distances():
    found = [fit(points([3, 5, 7], [0.002], suppressed, seed=seed))["lambdas"][0] for seed in range(40)]
    assert sum(one["low"] <= 4.0 <= one["high"] for one in found) >= 34
    assert all(log(one["high"] / one["low"]) < 0.1 for one in found)


def test_curves_that_do_not_cross_have_no_threshold():
    assert fit(points([3, 5, 7], [0.001, 0.002, 0.003, 0.004], suppressed))["thresholds"] == []
    assert fit(points([3], [0.002], suppressed)) == {"lambdas": [], "thresholds": []}
    assert fit(points([3, 5], [0.002], lambda d, p: 0.0)) == {"lambdas": [], "thresholds": []}
