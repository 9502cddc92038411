"""What a plan changes."""

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
    """One part of a system that uses an algorithm to be replaced.

    Attributes:
        name: unique in its plan.
        kind: what it is; it decides which steps it takes.
        role: whether it makes (`writer`, `signer`), accepts (`reader`, `verifier`) or does both.
        algorithm: what it uses now; None is every current algorithm of the request that fits its kind.
        places: where its objects are, for those who change them by hand.
        target: name of a target the operator declared, or id of a stored key; None is changed by hand.
        depends_on: names of the components that must go over before it.
        count: how many objects it is: files, certificates, hosts.
        data_lifetime_years: how long what it protects must stay secret; None is unknown.
        size_bytes: of all its objects together.
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
        """A bare name stands for a service."""
        return {"name": value} if isinstance(value, str) else value
