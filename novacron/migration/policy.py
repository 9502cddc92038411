"""Policies: which algorithms they take, and from when on they take the old ones no longer."""

from typing import Annotated, Literal

from pydantic import Field

from novacron.migration.asset import Purpose
from novacron.migration.moments import Day
from novacron.specs.record import Record
from novacron.specs.scalars import Flag, Identifier, Integer, Label, Text

PolicyStatus = Literal["in_force", "policy", "own", "guidance", "recommendation", "draft"]
BINDING = ("in_force", "policy", "own")
"""Those that bind whoever is in their scope; the others advise."""

Names = Annotated[tuple[Label, ...], Field(max_length=50)]


class Targets(Record):
    """The algorithms a policy takes, by type, the preferred one first.

    Attributes:
        kem: key encapsulation.
        signature: signatures.
        encryption: of envelopes, by HPKE suite.
        group: TLS key exchange.
    """

    kem: Names = ()
    signature: Names = ()
    encryption: Names = ()
    group: Names = ()

    def of(self, type: str) -> tuple[str, ...]:
        """Those of one type."""
        names: tuple[str, ...] = getattr(self, type, ())
        return names


class Rule(Record):
    """From when on vulnerable algorithms are deprecated or disallowed, and for what.

    Attributes:
        id: unique in its policy.
        text: what the policy says.
        purpose: what the algorithm protects; None is either.
        systems: whether it is for all systems, those of high value, or newly acquired ones.
        kinds: of assets or components; empty is every kind.
        max_strength_bits: only for algorithms of at most this classical strength.
        deprecated_after: last day of unrestricted use.
        disallowed_after: last day of any use.
        checked: whether the date was compared with the source.
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
    """What a policy wants done by a day, other than the use of an algorithm."""

    text: Annotated[Text, Field(max_length=500)]
    by: Day


class Policy(Record):
    """One policy.

    Attributes:
        name: what requests call it.
        title: of the document.
        status: how far it binds.
        scope: whom it is for.
        source: where it is written.
        published: when, as far as known.
        as_of: when these data were written.
        notes: what one should know before relying on it.
        exclusive: whether algorithms that it does not name are refused.
        targets: the algorithms it takes.
        rules: its dates.
        milestones: other things it wants.
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
