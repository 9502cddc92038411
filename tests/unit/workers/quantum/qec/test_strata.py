"""Strata whose rates are known."""

from itertools import product
from math import prod

import numpy as np
import pytest

from workers.quantum.qec.strata import Strata, shares


def test_shares_are_the_probabilities_of_so_many_faults():
    p = np.array([0.1, 0.25, 0.4, 0.05])
    expected = np.zeros(5)
    for faults in product((0, 1), repeat=4):
        expected[sum(faults)] += prod(one if fault else 1 - one for one, fault in zip(p, faults, strict=True))
    found, beyond = shares([p, p / 2], 1)
    assert found[0] == pytest.approx(expected[1:], rel=1e-12) and beyond == pytest.approx([0, 0])
    many, beyond = shares([np.full(1000, 0.004)], 0)
    assert many.sum() == pytest.approx(1.0, abs=1e-12) and 0 < beyond[0] <= 1e-18
    assert many[0, 4] == pytest.approx(0.195758, rel=1e-4)  # 1000 C 4 0.004^4 0.996^996


def test_the_interval_covers_the_rate_of_known_strata():
    """As often as it says: strata are sampled until the rate is known to 10 %."""
    draw = np.random.default_rng(1)
    rates = np.array([0.0, 1e-5, 4e-4, 4e-3, 0.02, 0.08, 0.2, 0.35])
    each = shares([np.full(600, 0.002)], 1)[0][:, : len(rates)]
    strata = Strata(np.full(len(rates), 1000), np.linspace(3.0, 12.0, len(rates)), each, np.zeros(1))
    exact, covered, found = float(each[0] @ rates), 0, []
    for _ in range(200):
        chunks, errors = np.zeros(len(rates), dtype=np.int64), np.zeros(len(rates), dtype=np.int64)
        while (added := strata.more(chunks, errors, 0.1, 10**9)) is not None:
            errors += draw.binomial(added * 1000, rates)
            chunks += added
        one = strata.estimate(0, chunks, errors)
        covered += one.low <= exact <= one.high
        found.append(one.rate)
        assert one.std_error <= 0.1 * one.rate
    assert covered >= 184  # 190 expected; fewer than 184 once in 100 repeats
    assert abs(np.mean(found) / exact - 1) < 0.025 and np.std(found) < 0.1 * exact


def test_shots_end_at_their_limit_and_at_the_first_round():
    strata = Strata(np.array([64, 64]), np.array([1.0, 2.0]), np.array([[0.1, 0.01]]), np.zeros(1))
    none = np.zeros(2, dtype=np.int64)
    first = strata.more(none, none, 0.1, 1000)
    assert first is not None and first.tolist() == [1, 1]
    chunks = np.array([1, 1])
    while (added := strata.more(chunks, none, 0.1, 10_000)) is not None:
        assert added.any()
        chunks = chunks + added
    assert 10_000 <= 64 * chunks.sum() < 10_000 + 128
