"""Validity periods of certificates: a duration, or two moments."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from novacron.specs.duration import DAY_S, Days, Span, read
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.schema import TEXT_OR_NUMBER_TOO

MAX_DAYS = 36525
# X.509 has no fractions of a second, and RFC 5280 (section 4.1.2.5) writes dates from 1950 to 9999.
_FIRST, _LAST = datetime(1950, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        raise refuse("must be a moment in ISO 8601, such as 2027-01-31T00:00:00Z")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not _FIRST <= moment <= _LAST:
        raise refuse("must be in the years 1950 to 9999")
    return moment.astimezone(UTC).replace(microsecond=0)


Moment = Annotated[datetime, BeforeValidator(_moment)]


class ValidityPeriod(Record):
    """The validity period; by default it begins now.

    Attributes:
        duration: length of the period, at most a hundred years.
        days: the same in days.
        not_before: first moment.
        not_after: last moment; alternative to a duration.
    """

    duration: Span | None = None
    days: Annotated[Days, Field(gt=0, le=MAX_DAYS)] | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "ValidityPeriod":
        ends = [self.duration, self.days, self.not_after]
        if len(ends) - ends.count(None) != 1:
            raise refuse("must have one of duration, days and not_after")
        if self.duration and self.duration.length_s > MAX_DAYS * DAY_S:
            raise refuse("must be at most a hundred years", value=str(self.duration))
        if self.not_before and self.not_after and self.not_after <= self.not_before:
            raise refuse("must be after not_before", at=("not_after",), value=self.not_after.isoformat())
        return self

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the first and the last moment, in whole seconds of UTC.

        Raises:
            OverflowError: the end is past the year 9999.
        """
        start = self.not_before or now.astimezone(UTC).replace(microsecond=0)
        if self.not_after:
            return start, self.not_after
        if self.duration:
            end = self.duration.after(start) + timedelta(seconds=0.5)
            return start, end.replace(microsecond=0)
        return start, start + timedelta(seconds=round((self.days or 0) * DAY_S))


def _given(value: object) -> Any:
    return value if isinstance(value, Mapping | ValidityPeriod) else {"duration": read(value)}


Validity = Annotated[ValidityPeriod, BeforeValidator(_given), TEXT_OR_NUMBER_TOO]
