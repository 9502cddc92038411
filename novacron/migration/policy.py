"""Policies: permitted algorithms, and dates from which old ones are deprecated or disallowed."""

from typing import Annotated, Literal

from pydantic import Field

from novacron.migration.asset import Purpose
from novacron.migration.moments import Day
from novacron.specs.record import Record
from novacron.specs.scalars import Flag, Identifier, Integer, Label, Text

PolicyStatus = Literal["in_force", "policy", "own", "guidance", "recommendation", "draft"]
BINDING = ("in_force", "policy", "own")
"""Statuses of policies that are binding within their scope; others are advisory."""

Names = Annotated[tuple[Label, ...], Field(max_length=50)]


class Targets(Record):
    """The algorithms that a policy permits, by type, the preferred one first.

    Attributes:
        kem: key encapsulation mechanisms.
        signature: signature algorithms.
        encryption: HPKE suites for envelopes.
        group: TLS key exchange groups.
    """

    kem: Names = ()
    signature: Names = ()
    encryption: Names = ()
    group: Names = ()

    def of(self, type: str) -> tuple[str, ...]:
        """Return those of one type."""
        names: tuple[str, ...] = getattr(self, type, ())
        return names


class Rule(Record):
    """Dates from which vulnerable algorithms are deprecated or disallowed, and their scope.

    Attributes:
        id: unique in its policy.
        text: wording of the policy.
        purpose: purpose of the algorithm; None is either.
        systems: whether it applies to all systems, high-value ones, or newly acquired ones.
        kinds: kinds of assets or components; empty is every kind.
        max_strength_bits: applies only to algorithms of at most this classical strength.
        deprecated_after: last day of unrestricted use.
        disallowed_after: last day of any use.
        checked: whether the date was verified against the source.
    """

    id: Identifier
    text: Annotated[Text, Field(max_length=500)]
    purpose: Purpose | None = None
    systems: Literal["all", "high_value", "new"] = "all"
    kinds: Names = ()
    max_strength_bits: Annotated[Integer, Field(ge=1, le=512)] | None = None
    deprecated_after: Day | None = None
    disallowed_after: Day | None = None
    checked: Flag = True


class Milestone(Record):
    """Another requirement of a policy with a date."""

    text: Annotated[Text, Field(max_length=500)]
    by: Day


class Policy(Record):
    """A migration policy.

    Attributes:
        name: name used in requests.
        title: title of the document.
        status: legal force.
        scope: who it applies to.
        source: reference of the document.
        published: date of publication, as far as known.
        as_of: date of this data.
        notes: caveats.
        exclusive: whether it refuses algorithms that it does not name.
        targets: permitted algorithms.
        rules: dates.
        milestones: other requirements.
    """

    name: Identifier
    title: Annotated[Text, Field(max_length=500)]
    status: PolicyStatus = "own"
    scope: Annotated[Text, Field(max_length=500)] = ""
    source: Annotated[Text, Field(max_length=500)] = ""
    published: Label | None = None
    as_of: Day | None = None
    notes: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    exclusive: Flag = False
    targets: Targets = Field(default_factory=Targets)
    rules: Annotated[tuple[Rule, ...], Field(max_length=200)] = ()
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=200)] = ()
