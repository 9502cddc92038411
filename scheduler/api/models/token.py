"""Tokens and tenants that are asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from novacron.roles import Role
from novacron.specs.duration import DAY_S, Span
from novacron.specs.record import Record
from novacron.specs.scalars import Label, Number

Name = Annotated[Label, Field(max_length=100)]


class NewToken(Record):
    """A token to be made.

    Attributes:
        name: what or whom it is for.
        role: what it may do.
        tenant: whose it is; None: the caller's.
        expires_s: how long it lasts; None: for ever.
    """

    name: Name
    role: Role
    tenant: Name | None = None
    expires_s: Span | None = None


class Rotation(Record):
    """Another token in the place of one.

    Attributes:
        expires_s: how long the new one lasts; None: as long as the old one was made for.
        grace_s: seconds for which the old one stays good beside it.
    """

    expires_s: Span | None = None
    grace_s: Annotated[Number, Field(ge=0, le=366 * DAY_S)] = 0.0


class NewTenant(Record):
    """A tenant, or its new weight.

    Attributes:
        tenant: its name.
        weight: its part of the workers' time, beside those of others.
    """

    tenant: Name
    weight: Annotated[Number, Field(gt=0, le=1e6)] = 1.0
