"""Durations and sizes as people write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron._units import duration, size, takes

UNITS = {"µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "no time"), (1e-7, "below 1 µs"), (0.0004, "400 µs"), (0.0123, "12.3 ms"), (0.9996, "1 s"),
        (1.2, "1.2 s"),
        (59.99, "1 min"), (270.0, "4.5 min"), (7200.0, "2 h"), (3 * 86400.0, "3 d"), (86400e4, "10,000 d"),
    ],
)  # fmt: skip
def test_a_duration_is_in_the_unit_that_suits_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(1e-6, 1e7))
def test_a_duration_says_what_it_is_to_three_digits(seconds: float) -> None:
    number, unit = duration(seconds).split()
    assert float(number.replace(",", "")) * UNITS[unit] == pytest.approx(seconds, rel=0.006)
    assert re.fullmatch(r"[\d.,]{1,6}", number)


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (12_345_678, "12.3 MB"), (68_719_476_736, "68.7 GB")],
)
def test_a_size_is_in_decimal_units(n_bytes: int, text: str) -> None:
    assert size(n_bytes) == text


def test_a_learnt_time_carries_its_spread_and_one_run_is_no_certainty() -> None:
    past = {"takes_s": 1.2, "takes_least_s": 0.9, "takes_most_s": 2.0, "learnt_from": 7}
    assert takes(past) == "1.2 s (900 ms to 2 s, from 7 runs)"
    once = {"takes_s": 1.2, "takes_least_s": None, "takes_most_s": None, "learnt_from": 1}
    assert takes(once) == "1.2 s (from 1 run, its spread is unknown)"
    assert takes({"learnt_from": 0, "takes_s": None, "modelled_s": 0.3}).startswith(
        "unknown: no job of this shape"
    )
