"""Where a point ends, and how much work is planned."""

from hypothesis import given
from hypothesis import strategies as st

from workers.quantum.qec.stopping import Target

ERRORS = st.lists(st.integers(0, 20), max_size=40)
TARGETS = st.builds(Target, st.integers(1, 200), st.integers(1, 60))


@given(TARGETS, ERRORS, ERRORS)
def test_the_end_does_not_depend_on_what_was_sampled_beyond_it(target, errors, more):
    end = target.end(errors)
    if end is not None:
        assert target.end(errors[:end]) == target.end(errors + more) == end
        assert target.end(errors[: end - 1]) is None
        assert sum(errors[:end]) >= target.max_errors or end == target.max_chunks


@given(TARGETS, ERRORS)
def test_planned_work_moves_on_and_stays_within_the_limit(target, errors):
    if target.end(errors) is None:
        assert len(errors) < target.expected(errors) <= target.max_chunks


def test_a_known_rate_needs_one_more_round_of_work():
    assert Target(1000, 10**6).expected([10] * 20) == 103
    assert Target(1000, 10**6).expected([0] * 20) == 160
