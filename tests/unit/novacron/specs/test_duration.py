"""Lengths of time in all their forms, against the calendar of the standard library."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novacron.errors import BadInput
from novacron.specs.duration import Days, Duration, Seconds, Span, Years
from novacron.specs.record import Record


class Lasting(Record):
    """A length of time, and one that is the same on every day."""

    span: Span | None = None
    seconds: Seconds | None = None
    days: Days | None = None
    years: Years | None = None


def span(value: object) -> Duration:
    found = Lasting(span=value).span
    assert found is not None
    return found


DAY = 86400.0


@pytest.mark.parametrize(("value", "months", "seconds"), [
    (1, 0, 1.0), (7776000, 0, 90 * DAY), (0.5, 0, 0.5), ("3600", 0, 3600.0), ("90s", 0, 90.0),
    ("18 months", 18, 0), ("24m", 24, 0), ("24M", 24, 0), ("1 month", 1, 0), ("2 years", 24, 0),
    ("10y", 120, 0),
    ("1.5 years", 18, 0), ("90d", 0, 90 * DAY), ("1 week", 0, 7 * DAY), ("2w", 0, 14 * DAY),
    ("12h", 0, 43200.0),
    ("10 min", 0, 600.0), ("1h30min", 0, 5400.0), ("1 year 6 months", 18, 0), ("1y, 6m and 3d", 18, 3 * DAY),
    (" 90 d ", 0, 90 * DAY), ("P18M", 18, 0), ("P1Y6M", 18, 0), ("PT24M", 0, 1440.0), ("P2W", 0, 14 * DAY),
    ("P1DT12H", 0, 1.5 * DAY), ("PT0.5S", 0, 0.5), ("PT1,5H", 0, 5400.0), ("p3y", 36, 0), ("P0.5Y", 6, 0),
    (timedelta(hours=36), 0, 1.5 * DAY),
])  # fmt: skip
def test_each_form_is_read(value: object, months: int, seconds: float) -> None:
    assert span(value) == Duration(months, seconds)


@pytest.mark.parametrize(("value", "rule"), [
    (0, "longer than 0"), (-1, "longer than 0"), ("0 months", "longer than 0"),
    ("PT0S", "longer than 0"), (True, "must be seconds"), (float("nan"), "must be seconds"),
    (float("inf"), "thousand years"), (1e300, "thousand years"), (10**400, "thousand years"),
    ("9" * 15 + "y", "thousand years"), ("12001 months", "thousand years"), ("", "must be seconds"),
    ("soon", "must be seconds"), ("-3d", "must be seconds"), ("3 fortnights", "must be seconds"),
    ("d", "must be seconds"), ("1e3", "must be seconds"), ("P", "must be seconds"), ("PT", "must be seconds"),
    ("P1.5Y6M", "must be seconds"), ("P1D12H", "must be seconds"), ("1.5 months", "must be whole"),
    ("2030-01-01", "must be seconds"), ([1], "must be seconds"), ({}, "must be seconds"),
    ("１d", "must be seconds"),
])  # fmt: skip
def test_what_is_no_length_of_time_is_refused(value: object, rule: str) -> None:
    with pytest.raises(BadInput, match=rule) as refused:
        span(value)
    assert refused.value.field == "span"


def test_a_misspelt_unit_is_told_the_right_one() -> None:
    with pytest.raises(BadInput, match="did you mean 'months'"):
        span("3 monthes")


@pytest.mark.parametrize(("value", "begin", "end"), [
    ("1 month", datetime(2027, 1, 31), datetime(2027, 2, 28)),
    ("1y", datetime(2028, 2, 29), datetime(2029, 2, 28)),
    ("13m", datetime(2027, 12, 1), datetime(2029, 1, 1)),
    ("P1M1D", datetime(2027, 1, 31), datetime(2027, 3, 1)),
    (86400, datetime(2027, 12, 31), datetime(2028, 1, 1)),
])  # fmt: skip
def test_months_are_those_of_the_calendar(value: object, begin: datetime, end: datetime) -> None:
    assert span(value).after(begin) == end


def test_nothing_ends_after_the_calendar_does() -> None:
    with pytest.raises(OverflowError):
        span("1y").after(datetime(9999, 6, 1, tzinfo=UTC))


LENGTHS = st.builds(
    Duration, st.integers(0, 12000), st.integers(0, 10**12).map(lambda micro: micro / 1e6)
).filter(lambda one: 0 < one.length_s < 3e10)


@given(LENGTHS)
def test_the_stored_form_is_read_as_it_was(length: Duration) -> None:
    assert span(str(length)) == length
    assert Lasting(span=length).model_dump(mode="json")["span"] == str(length)


@given(st.integers(1, 10**9), st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_seconds_are_seconds(number: int, begin: datetime) -> None:
    for form in (number, f"{number}", f"{number}s", f"PT{number}S", f"{number} seconds"):
        assert span(form).after(begin) == begin + timedelta(seconds=number)
        assert Lasting(seconds=form).seconds == number


@given(st.text(max_size=12) | st.floats() | st.integers() | st.none() | st.booleans())
def test_anything_is_taken_or_refused(value: object) -> None:
    for field in ("span", "seconds"):
        try:
            Lasting(**{field: value})
        except BadInput as refused:
            assert refused.field == field


def test_what_must_be_the_same_on_every_day_takes_no_months() -> None:
    with pytest.raises(BadInput, match=r"months differ in length.*min is minutes"):
        Lasting(seconds="24m")
    assert Lasting(seconds="24 min").seconds == 1440.0


@pytest.mark.parametrize(("field", "value", "counted"), [
    ("seconds", "30", 30), ("seconds", "2min", 120), ("days", 30, 30), ("days", "30", 30),
    ("days", "12h", 0.5), ("days", "P2W", 14), ("years", "10", 10), ("years", "10y", 10),
    ("years", "18 months", 1.5), ("years", 0, 0),
])  # fmt: skip
def test_a_field_that_counts_a_unit_takes_numbers_of_it_and_spans(field, value, counted):
    assert getattr(Lasting(**{field: value}), field) == counted


@pytest.mark.parametrize(("field", "value"), [
    ("seconds", "1 month"), ("days", "1y"), ("days", "P1M"), ("days", "soon"), ("years", "-1"),
    ("days", True),
])  # fmt: skip
def test_what_has_no_count_of_the_unit_is_refused(field, value):
    with pytest.raises(BadInput) as refused:
        Lasting(**{field: value})
    assert refused.value.field == field
