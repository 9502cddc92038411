"""Durations: seconds as a number, durations such as `18 months`, `24m` or `90d`, or ISO 8601 (`P18M`).

`m` is months, `min` is minutes, since migration plans count in months. Months and years are those of the
calendar, so the end of a duration depends on its start.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator

from novacron.specs.refusal import did_you_mean, refuse
from novacron.specs.schema import TEXT_TOO

DAY_S = 86400.0
MONTH_S = 30.4375 * DAY_S
"""A twelfth of the Julian year of 365.25 days, used for comparisons."""
LONGEST_MONTHS = 12 * 1000
FORMS = 'must be seconds, or a span such as "90d", "18 months" or "P18M"'
_UNITS = {
    "s": ("s sec secs second seconds", 1.0),
    "min": ("min mins minute minutes", 60.0),
    "h": ("h hr hrs hour hours", 3600.0),
    "d": ("d day days", DAY_S),
    "w": ("w wk week weeks", 7 * DAY_S),
}
_SECONDS = {word: seconds for words, seconds in _UNITS.values() for word in words.split()}
_MONTHS = dict.fromkeys("m mo mon mons month months".split(), 1) | dict.fromkeys(
    "y yr yrs year years".split(), 12
)
_WORDS = [*_SECONDS, *_MONTHS]
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([a-z]+)(?:, ?| and | |$|(?=[0-9]))")
_AMOUNT = r"([0-9]{1,15}(?:[.,][0-9]{1,9})?)"
# Source: ISO 8601-1:2019, section 5.5.2.
_ISO = re.compile(
    rf"P(?:{_AMOUNT}Y)?(?:{_AMOUNT}M)?(?:{_AMOUNT}W)?(?:{_AMOUNT}D)?"
    rf"(?:T(?=[0-9])(?:{_AMOUNT}H)?(?:{_AMOUNT}M)?(?:{_AMOUNT}S)?)?"
)
_ISO_UNITS = ("y", "m", "w", "d", "h", "min", "s")


@dataclass(frozen=True, slots=True)
class Duration:
    """A positive duration: calendar months, and seconds after them."""

    months: int = 0
    seconds: float = 0.0

    def after(self, moment: datetime) -> datetime:
        """Return the end for a start time; the last day of a month if it has no such day.

        Raises:
            OverflowError: it ends after the year 9999.
        """
        year, month = divmod(12 * moment.year + moment.month - 1 + self.months, 12)
        if year > 9999:
            raise OverflowError("ends after the year 9999")
        day = min(moment.day, monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day) + timedelta(seconds=self.seconds)

    @property
    def length_s(self) -> float:
        """Seconds, counting a month as `MONTH_S`: for comparisons."""
        return self.months * MONTH_S + self.seconds

    def __str__(self) -> str:
        """Format as ISO 8601."""
        days, seconds = divmod(self.seconds, DAY_S)
        day = (f"{self.months}M" if self.months else "") + (f"{days:.0f}D" if days else "")
        time = f"{seconds:.6f}".rstrip("0").rstrip(".")
        return f"P{day}" + (f"T{time}S" if time != "0" else "")


def read(value: object, forms: str = FORMS) -> Duration:
    """Validate a duration in any of its forms.

    Args:
        value: value given.
        forms: the rule, if a field accepts other forms, too.

    Raises:
        PydanticCustomError: it is not a duration, not positive, or longer than a thousand years.
    """
    if isinstance(value, Duration):
        return value
    if isinstance(value, timedelta):
        value = value.total_seconds()
    found = _of_text(value.strip(), forms) if isinstance(value, str) else _of_number(value, forms)
    if found.length_s <= 0:
        raise refuse("must be longer than 0")
    if found.length_s > LONGEST_MONTHS * MONTH_S:
        raise refuse("must be at most a thousand years")
    return found


def _of_number(value: object, forms: str) -> Duration:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise refuse(forms)
    if abs(value) > 2 * LONGEST_MONTHS * MONTH_S:
        raise refuse("must be at most a thousand years")
    return Duration(seconds=round(float(value), 6))


def _of_text(text: str, forms: str) -> Duration:
    if _NUMBER.fullmatch(text):
        return _of_number(float(text), forms)
    if found := _ISO.fullmatch(text.upper()):
        amounts = [
            (part.replace(",", "."), unit)
            for part, unit in zip(found.groups(), _ISO_UNITS, strict=True)
            if part
        ]
        if amounts and not any("." in amount for amount, _ in amounts[:-1]):
            return _sum(amounts)
    parts, position, lower = [], 0, text.lower()
    while position < len(lower) and (part := _PART.match(lower, position)):
        parts.append((part[1], part[2]))
        position = part.end()
    if not parts or position < len(lower):
        raise refuse(forms)
    for _, unit in parts:
        if unit not in _WORDS:
            raise refuse(forms, hint=did_you_mean(unit, _WORDS))
    return _sum(parts)


def _sum(parts: list[tuple[str, str]]) -> Duration:
    months, seconds = 0.0, 0.0
    for amount, unit in parts:
        if unit in _MONTHS:
            months += float(amount) * _MONTHS[unit]
        else:
            seconds += float(amount) * _SECONDS[unit]
    if not months.is_integer():
        raise refuse("months must be whole", hint="write days")
    if max(months / LONGEST_MONTHS, seconds / (LONGEST_MONTHS * MONTH_S)) > 1:
        raise refuse("must be at most a thousand years")
    return Duration(int(months), round(seconds, 6))


def _fixed_s(text: str) -> float:
    """Return a duration that is the same on every day, in seconds."""
    found = read(text)
    if found.months:
        raise refuse("months differ in length: write days", hint="m is months, min is minutes")
    return found.seconds


def _counted(convert: Callable[[str], float]) -> BeforeValidator:
    """Return a validator for a field that counts a unit: bare numbers are in it, durations are converted."""

    def read_text(value: object) -> object:
        if not isinstance(value, str):
            return value
        return float(value) if _NUMBER.fullmatch(value.strip()) else convert(value)

    return BeforeValidator(read_text)


Span = Annotated[
    Duration,
    PlainValidator(lambda value: read(value), json_schema_input_type=float | str),
    PlainSerializer(str, return_type=str),
]
"""A duration; stored as ISO 8601."""
Counted = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Seconds = Annotated[Counted, _counted(_fixed_s), TEXT_TOO]
"""A duration that is the same on every day; stored as seconds."""
Days = Annotated[Counted, _counted(lambda text: _fixed_s(text) / DAY_S), TEXT_TOO]
"""The same for a field that counts days."""
Years = Annotated[Counted, _counted(lambda text: read(text).length_s / (12 * MONTH_S)), TEXT_TOO]
"""A duration for a field that counts years."""
