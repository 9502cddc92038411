"""Shots by number of faults, against direct ones and against the exact distribution."""

from collections import Counter
from itertools import combinations
from math import prod, sqrt

import numpy as np
import pytest

from novacron.errors import BadInput
from novacron.specs.qec_point import GivenPoint, Point
from workers.quantum.qec import strata
from workers.quantum.qec.experiment import experiment
from workers.quantum.qec.stratified import stratified

FOUR = """
X_ERROR(0.1) 0
X_ERROR(0.3) 1
X_ERROR(0.02) 2
X_ERROR(0.25) 3
M 0 1 2 3
DETECTOR rec[-1]
DETECTOR rec[-2]
DETECTOR rec[-3]
DETECTOR rec[-4]
OBSERVABLE_INCLUDE(0) rec[-1]
"""
NOISY = FOUR.split("M 0")[0]


def test_sets_of_faults_are_drawn_by_the_product_of_their_odds():
    made = stratified(GivenPoint(FOUR, "pymatching"))
    odds = made.faults.probabilities / (1 - made.faults.probabilities)
    exact = {chosen: prod(odds[list(chosen)]) for chosen in combinations(range(4), 2)}
    drawn = made._chosen(np.random.default_rng(3), 100_000, 2)
    found = Counter(tuple(sorted(row)) for row in drawn.tolist())
    for chosen, weight in exact.items():
        p = weight / sum(exact.values())
        assert abs(found[chosen] - len(drawn) * p) < 4 * sqrt(len(drawn) * p * (1 - p))


def test_the_rate_is_that_of_direct_sampling():
    point = Point("rotated_surface", 3, 3, "z", 0.004, "pymatching")
    made, plain = stratified(point), experiment(point)
    each, beyond = strata.shares([made.faults.probabilities], made.least)
    numbers = range(made.least, made.least + each.shape[1])
    streams = [made.stream(1, n_faults) for n_faults in numbers]
    assert len(set(streams)) == len(streams) and made.stream(2, 1) not in streams
    known = strata.Strata(
        np.array([made.chunk_shots(n_faults) for n_faults in numbers]), np.ones(len(numbers)), each, beyond
    )
    n_chunks = np.full(len(numbers), 4)
    errors = np.array([
        sum(made.errors(stream, n_faults, chunk) for chunk in range(4))
        for stream, n_faults in zip(streams, numbers, strict=True)
    ])  # fmt: skip
    rate = known.estimate(0, n_chunks, errors)
    shots = 8 * plain.chunk_shots
    direct = sum(plain.errors(plain.stream(1), chunk) for chunk in range(8)) / shots
    assert abs(rate.rate - direct) < 3 * sqrt(rate.std_error**2 + direct * (1 - direct) / shots)
    assert made.errors(streams[2], numbers[2], 1) == made.errors(streams[2], numbers[2], 1)


def test_odds_scale_nearly_uniformly_with_p_and_not_with_the_code():
    low, high, other = (
        stratified(Point("rotated_surface", d, 3, "z", p, "pymatching"))
        for d, p in ((3, 0.001), (3, 0.005), (5, 0.005))
    )
    assert 0 < low.spread(high) < 0.005 and low.spread(other) == float("inf")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("X_ERROR(0.1) 0", "PAULI_CHANNEL_1(0.1, 0.2, 0.0) 0"), "independent faults"),
        (
            ("M 0", f"REPEAT 300 {{\n{NOISY}\nMR 0 1 2 3\nDETECTOR rec[-1]\n}}\nM 0"),
            "on average",
        ),
    ],
)
def test_circuits_without_sensible_strata_are_refused(change, rule):
    with pytest.raises(BadInput, match=rule) as caught:
        stratified(GivenPoint(FOUR.replace(*change), "pymatching"))
    assert caught.value.field == "sampling" and "sample directly" in (caught.value.hint or "")
