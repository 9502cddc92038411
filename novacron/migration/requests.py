"""Requests to assess an inventory or to plan a migration."""

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
    """The period of a migration.

    Attributes:
        start: first day; None is today.
        deadline: last day.
        duration: alternative to the deadline, counted from the start; at most fifty years.
        months: the same in calendar months.
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
        """Return the last day of the period for a start date.

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
    """A request for a plan.

    Attributes:
        timeline: period of the migration.
        current_algorithms: algorithms to replace.
        target_algorithms: preferred replacements; the policy chooses for types that are not named.
        risk_tolerance: determines the size of canaries, the dual period, and how much changes at once.
        components: components to change.
        inventory: inventory whose vulnerable assets become components.
        policy: policy that determines algorithms and dates.
        name: name of the plan in listings.
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
    """A request for an assessment.

    Attributes:
        inventory: inventory to assess.
        policies: policies whose dates apply.
        data_lifetime_years: default confidentiality lifetime of assets, in years.
        migration_years: duration of the migration in years.
        high_value: whether rules for high-value systems apply.
        newly_acquired: whether rules for new systems apply.
        answers: answers to the agility questions, by id; they apply to every asset.
    """

    _filled = ("policies",)

    inventory: Inventory
    policies: Annotated[tuple[Annotated[Policy, TEXT_TOO], ...], Field(min_length=1, max_length=20)]
    data_lifetime_years: Years | None = None
    migration_years: Years | None = None
    high_value: Flag = True
    newly_acquired: Flag = False
    answers: dict[Identifier, Literal["yes", "partly", "no"]] = Field(default_factory=dict)
