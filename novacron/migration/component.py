"""Components that a plan changes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from novacron.migration.asset import Place, Years
from novacron.specs.base import distinct
from novacron.specs.record import Record
from novacron.specs.scalars import Integer, Label

MAX_COMPONENTS = 300
MAX_PLACES = 100
MAX_BYTES = 2**60

ComponentKind = Literal[
    "trust_anchor",
    "certificate",
    "stored_key",
    "envelopes",
    "tls_endpoint",
    "ssh_key",
    "ssh_endpoint",
    "database_tls",
    "redis_tls",
    "service",
]
Role = Literal["reader", "writer", "verifier", "signer", "both"]


class Component(Record):
    """A part of a system that uses an algorithm to be replaced.

    Attributes:
        name: unique in its plan.
        kind: kind of component; it determines the steps.
        role: whether it produces (`writer`, `signer`), accepts (`reader`, `verifier`) or does both.
        algorithm: current algorithm; None means every current algorithm of the request that fits its kind.
        places: locations of its objects, for people who change them by hand.
        target: name of a target declared by the operator, or id of a stored key; None is changed by hand.
        depends_on: names of the components that must migrate first.
        count: number of objects: files, certificates, hosts.
        data_lifetime_years: how long the protected data must stay secret, in years; None is unknown.
        size_bytes: total size of its objects in bytes.
    """

    name: Label
    kind: ComponentKind = "service"
    role: Role = "both"
    algorithm: Label | None = None
    target: Label | None = None
    places: Annotated[tuple[Place, ...], Field(max_length=MAX_PLACES)] = ()
    depends_on: Annotated[tuple[Label, ...], Field(max_length=MAX_COMPONENTS), AfterValidator(distinct)] = ()
    count: Annotated[Integer, Field(ge=1, le=10**12)] = 1
    data_lifetime_years: Years | None = None
    size_bytes: Annotated[Integer, Field(ge=0, le=MAX_BYTES)] = 0

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        """Expand a bare name to a service."""
        return {"name": value} if isinstance(value, str) else value
