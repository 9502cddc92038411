"""Token and tenant requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from novacron.roles import Role
from novacron.specs.duration import DAY_S, Span
from novacron.specs.record import Record
from novacron.specs.scalars import Label, Number

Name = Annotated[Label, Field(max_length=100)]


class NewToken(Record):
    """A request for a new token.

    Attributes:
        name: person or purpose of the token.
        role: what the token permits.
        tenant: tenant of the token; None: the caller's.
        expires_s: lifetime; None: unlimited.
    """

    name: Name
    role: Role
    tenant: Name | None = None
    expires_s: Span | None = None


class Rotation(Record):
    """A request to replace a token.

    Attributes:
        expires_s: lifetime of the new token; None: the same lifetime as the old one.
        grace_s: seconds for which the old token stays valid.
    """

    expires_s: Span | None = None
    grace_s: Annotated[Number, Field(ge=0, le=366 * DAY_S)] = 0.0


class NewTenant(Record):
    """A request to create a tenant or change its weight.

    Attributes:
        tenant: name of the tenant.
        weight: relative share of worker time.
    """

    tenant: Name
    weight: Annotated[Number, Field(gt=0, le=1e6)] = 1.0
