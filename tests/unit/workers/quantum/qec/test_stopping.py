"""Where a point ends, and how much work is planned."""

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.qec.stopping import Target

ERRORS = st.lists(st.integers(0, 20), max_size=40)
TARGETS = st.builds(
    Target,
    st.just(64),
    st.integers(1, 60),
    st.none() | st.integers(1, 200),
    st.none() | st.floats(0.05, 1.0),
)


@given(TARGETS, ERRORS, ERRORS)
def test_the_end_does_not_depend_on_what_was_sampled_beyond_it(target, errors, more):
    end = target.end(errors)
    if end is not None:
        assert target.end(errors[:end]) == target.end(errors + more) == end
        assert target.end(errors[: end - 1]) is None
        total, shots = sum(errors[:end]), 64 * end
        assert (
            end == target.max_chunks
            or (target.max_errors is not None and total >= target.max_errors)
            or (target.relative_error and sqrt((1 - total / shots) / total) <= target.relative_error * 1.0001)
        )


@given(TARGETS, ERRORS)
def test_planned_work_moves_on_and_stays_within_the_limit(target, errors):
    if target.end(errors) is None:
        assert len(errors) < target.expected(errors) <= target.max_chunks


def test_a_known_rate_needs_one_more_round_of_work():
    assert Target(64, 10**6, max_errors=1000).expected([10] * 20) == 103
    assert Target(1000, 10**6, relative_error=0.1).expected([10] * 2) == 11
    assert Target(64, 10**6, max_errors=1000).expected([0] * 20) == 160
