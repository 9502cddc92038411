"""Where the time of a study goes."""

from math import sqrt

import numpy as np
import pytest

from workers.quantum.qec.allocation import shares
from workers.quantum.qec.fits import fit

P = np.linspace(0.005, 0.01, 6)


def told(distance, p, shots, errors):
    rate = errors / shots
    spread = sqrt(rate * (1 - rate) / shots)
    known = {"decoder": "pymatching", "distance": distance, "rounds": distance, "p": float(p)}
    return known | {"shots": shots, "errors": errors, "rate": rate, "std_error": spread}


def crossing(distance, p):
    return 0.06 + 4 * (p - 0.0075) * distance ** (1 / 1.4)


def sampled(points, rates, speeds, seconds, seed):
    """The points after shots of so many seconds each."""
    draw = np.random.default_rng(seed)
    found = []
    for point, rate, speed, each in zip(points, rates, speeds, seconds, strict=True):
        more = int(speed * each)
        errors = point["errors"] + int(draw.binomial(more, rate))
        found.append(told(point["distance"], point["p"], point["shots"] + more, errors))
    return found


def width(points):
    (found,) = fit(points)["thresholds"]
    return found["high"] - found["low"]


def test_the_threshold_gets_narrower_than_with_equal_times():
    places = [(d, p) for d in (3, 5, 7) for p in P]
    rates = [crossing(*place) for place in places]
    begun = [told(*place, 4000, round(4000 * rate)) for place, rate in zip(places, rates, strict=True)]
    speeds = [3e5 / d**3 for d, _ in places]
    aimed = shares("threshold", begun, speeds, 180.0, 64)
    assert sum(aimed) == pytest.approx(180.0) and max(aimed) > 10
    found = [width(sampled(begun, rates, speeds, times, 1)) for times in ([10.0] * 18, aimed)]
    assert found[1] < 0.8 * found[0]


def test_lambda_gets_the_time_of_the_rarest_errors():
    begun = [told(3, 0.002, 10_000, 200), told(5, 0.002, 10_000, 50), told(7, 0.002, 10_000, 12)]
    given = shares("lambda", begun, [1e5, 1e5, 1e5], 10.0, 20)
    assert given[2] > 5 > given[0] and sum(given) == pytest.approx(10.0)


def test_all_that_run_get_the_same_before_there_is_a_fit_and_after_its_points_have_ended():
    assert shares("threshold", [], [1.0, 0.0, 2.0], 4.0, 8) == [2.0, 0.0, 2.0]
    begun = [told(3, 0.002, 10_000, 200), told(5, 0.002, 10_000, 50), told(3, 0.003, 10_000, 400)]
    assert shares("lambda", begun, [0.0, 0.0, 1.0], 4.0, 8) == [0.0, 0.0, 4.0]
