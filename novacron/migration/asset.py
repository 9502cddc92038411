"""Inventories and their assets."""

from typing import Annotated, Literal

from pydantic import Field

from novacron.migration.moments import Moment
from novacron.specs import duration
from novacron.specs.record import Record
from novacron.specs.scalars import Flag, Identifier, Integer, JsonObject, Label, Text

MAX_ASSETS = 20_000
MAX_YEARS = 200

AssetKind = Literal[
    "tls_endpoint",
    "certificate",
    "key",
    "ssh_key",
    "jwk",
    "keystore_key",
    "envelope",
    "database_tls",
    "redis_tls",
    "algorithm",
]
Purpose = Literal["confidentiality", "authenticity"]
Severity = Literal["info", "low", "medium", "high"]
Place = Annotated[Text, Field(max_length=4096)]
Years = Annotated[duration.Years, Field(ge=0, le=MAX_YEARS)]


class Finding(Record):
    """A remark on an asset."""

    severity: Severity
    text: Annotated[Text, Field(max_length=2000)]


class Protocol(Record):
    """Parameters negotiated by a TLS endpoint.

    Attributes:
        version: for example `TLSv1.3`.
        group: key exchange, for example `X25519MLKEM768`.
        signature: scheme of the handshake signature.
        chain: signature algorithms of the certificates, leaf first.
    """

    version: Label | None = None
    group: Label | None = None
    signature: Label | None = None
    chain: Annotated[tuple[Label, ...], Field(max_length=32)] = ()


class Asset(Record):
    """A cryptographic asset; never contains secrets.

    Attributes:
        asset_id: unique in its inventory.
        kind: kind of asset.
        name: display name.
        location: `host:port`, a file's path, or a key id.
        also_at: other locations of the same object.
        target: declared target through which a migration changes it; None if none is declared.
        algorithm: name in the registry, else the name found.
        key_bits: size of the key, if it has one.
        purposes: what it protects.
        quantum_vulnerable: whether a quantum computer breaks it.
        protocol: negotiated parameters of an endpoint.
        owner: who is responsible for it.
        not_before: start of its validity.
        not_after: end of its validity.
        found_at: time of discovery.
        data_lifetime_years: how long the protected data must stay secret, in years; None is unknown.
        details: other observations.
        findings: remarks.
    """

    asset_id: Label
    kind: AssetKind
    name: Annotated[Text, Field(max_length=500)]
    location: Place
    also_at: Annotated[tuple[Place, ...], Field(max_length=10_000)] = ()
    target: Label | None = None
    algorithm: Label
    key_bits: Annotated[Integer, Field(ge=0, le=1_000_000)] | None = None
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=2)]
    quantum_vulnerable: Flag
    protocol: Protocol | None = None
    owner: Label | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None
    found_at: Moment
    data_lifetime_years: Years | None = None
    details: JsonObject = Field(default_factory=dict)
    findings: Annotated[tuple[Finding, ...], Field(max_length=1000)] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """All its locations."""
        return (self.location, *self.also_at)


class InventoryError(Record):
    """A target that could not be examined."""

    target: Place
    error: Annotated[Text, Field(max_length=2000)]


class Inventory(Record):
    """The result of one discovery run.

    Attributes:
        targets: requested targets.
        assets: discovered assets.
        errors: targets that could not be examined, or only in part, and why.
        looked_at: numbers of examined files, servers and stores; None if not counted.
    """

    inventory_id: Identifier
    created_at: Moment
    targets: Annotated[tuple[Place, ...], Field(max_length=10_000)] = ()
    assets: Annotated[tuple[Asset, ...], Field(max_length=MAX_ASSETS)] = ()
    errors: Annotated[tuple[InventoryError, ...], Field(max_length=MAX_ASSETS)] = ()
    looked_at: Annotated[Integer, Field(ge=0)] | None = None
