"""What one asks: to assess an inventory, to plan a migration."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from novacron.migration.asset import Inventory, Years
from novacron.migration.component import MAX_COMPONENTS, Component
from novacron.migration.moments import Day
from novacron.migration.plan import Level
from novacron.migration.policy import Policy
from novacron.specs.duration import DAY_S, MONTH_S, Duration, Span, read
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Identifier, Integer, Label
from novacron.specs.schema import TEXT_OR_NUMBER_TOO, TEXT_TOO

MAX_MONTHS = 600
_FORMS = 'must be a date, seconds, a span such as "18 months", or a mapping with start and deadline'


class Period(Record):
    """When a migration may happen.

    Attributes:
        start: first day; None is today.
        deadline: last day.
        duration: the deadline, counted from the start; at most fifty years.
        months: the same in months of the calendar.
        days: the same in days.
    """

    start: Day | None = None
    deadline: Day | None = None
    duration: Span | None = None
    months: Annotated[Integer, Field(ge=1, le=MAX_MONTHS)] | None = None
    days: Annotated[Integer, Field(ge=1, le=31 * MAX_MONTHS)] | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "Period":
        given = [self.deadline, self.duration, self.months, self.days]
        if len(given) - given.count(None) != 1:
            raise refuse("must have one of the keys deadline, duration, months, days")
        if self.duration and self.duration.length_s > MAX_MONTHS * MONTH_S:
            raise refuse("must be at most fifty years", value=str(self.duration))
        return self

    def end(self, start: date) -> date:
        """The last day of a period that begins on a day.

        Raises:
            OverflowError: it is after the year 9999.
        """
        if self.deadline:
            return self.deadline
        given = self.duration or Duration(self.months or 0, (self.days or 0) * DAY_S)
        return given.after(datetime.combine(start, time.min)).date()


def _period(value: object) -> object:
    if isinstance(value, Mapping | Period):
        return value
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return {"deadline": value}
    return {"duration": read(value, _FORMS)}


AnyPeriod = Annotated[Period, BeforeValidator(_period), TEXT_OR_NUMBER_TOO]
Algorithms = Annotated[tuple[Label, ...], Field(max_length=50)]


class PlanRequest(Record):
    """A plan that is wanted.

    Attributes:
        timeline: when it may happen.
        current_algorithms: what is to be left.
        target_algorithms: what is to be taken up; the policy chooses for types that are not named.
        risk_tolerance: how large canaries are, how long old and new are both accepted, how much at once.
        components: what is to change.
        inventory: what was found; its vulnerable assets become components.
        policy: which algorithms and dates to keep.
        name: what listings call the plan.
    """

    _filled = ("policy",)

    timeline: AnyPeriod
    current_algorithms: Algorithms = ()
    target_algorithms: Algorithms = ()
    risk_tolerance: Level = "medium"
    components: Annotated[tuple[Annotated[Component, TEXT_TOO], ...], Field(max_length=MAX_COMPONENTS)] = ()
    inventory: Inventory | None = None
    policy: Annotated[Policy, TEXT_TOO]
    name: Label = "migration"

    @model_validator(mode="after")
    def _something(self) -> "PlanRequest":
        if not self.components and self.inventory is None:
            raise refuse("is required, or an inventory", at=("components",))
        return self


class AssessRequest(Record):
    """An assessment that is wanted.

    Attributes:
        inventory: what was found.
        policies: whose dates to look at.
        data_lifetime_years: how long data must stay secret, of assets that do not say.
        migration_years: how long a migration takes.
        high_value: whether rules for systems of high value apply.
        newly_acquired: whether rules for new systems apply.
        answers: to the questions of agility, by their id; they hold for every asset.
    """

    _filled = ("policies",)

    inventory: Inventory
    policies: Annotated[tuple[Annotated[Policy, TEXT_TOO], ...], Field(min_length=1, max_length=20)]
    data_lifetime_years: Years | None = None
    migration_years: Years | None = None
    high_value: Flag = True
    newly_acquired: Flag = False
    answers: dict[Identifier, Literal["yes", "partly", "no"]] = Field(default_factory=dict)
