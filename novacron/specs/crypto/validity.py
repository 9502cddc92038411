"""How long a certificate is valid: days, `90d`, or two moments."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Number

MAX_DAYS = 36525
_UNIT_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "y": 365}
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
    """From when to when; what is not given is now for the start, and the start and `days` for the end.

    Attributes:
        days: length of the period, at most a hundred years.
        not_before: the first moment.
        not_after: the last moment; instead of `days`.
    """

    days: Annotated[Number, Field(gt=0, le=MAX_DAYS)] | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "ValidityPeriod":
        if (self.days is None) == (self.not_after is None):
            raise refuse("must have either days or not_after")
        if self.not_before and self.not_after and self.not_after <= self.not_before:
            raise refuse("must be after not_before", at=("not_after",), value=self.not_after.isoformat())
        return self

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """The first and the last moment, in whole seconds of UTC.

        Raises:
            OverflowError: the end is past the year 9999.
        """
        start = self.not_before or now.astimezone(UTC).replace(microsecond=0)
        return start, self.not_after or start + timedelta(seconds=round((self.days or 0) * 86400))


def _given(value: object) -> Any:
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,6})([hdwy])", value)
        if found is None:
            raise refuse("must be a number of days or a length such as 90d, 12h, 2w or 10y")
        return {"days": int(found[1]) * _UNIT_DAYS[found[2]]}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"days": value}
    if not isinstance(value, Mapping | ValidityPeriod):
        raise refuse("must be a number of days, a length such as 90d, or a mapping with days or not_after")
    return value


Validity = Annotated[ValidityPeriod, BeforeValidator(_given)]
