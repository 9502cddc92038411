"""Dates and times as text: strict, so that a number is never read as seconds since 1970."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from novacron.specs.refusal import refuse


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise refuse("must be a date such as 2030-12-31", value=value) from None


def _moment(value: object) -> datetime:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise refuse("must be a time such as 2030-12-31T12:00:00Z", value=value) from None
    if found.tzinfo is None:
        raise refuse("must name its time zone, Z for UTC", value=value)
    return found


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
