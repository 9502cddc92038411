"""What an inventory finds."""

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
    """Something worth saying about an asset."""

    severity: Severity
    text: Annotated[Text, Field(max_length=2000)]


class Protocol(Record):
    """What a TLS endpoint negotiated.

    Attributes:
        version: `TLSv1.3` for instance.
        group: of the key exchange, `X25519MLKEM768` for instance.
        signature: scheme of the handshake's signature.
        chain: signature algorithms of the certificates, leaf first.
    """

    version: Label | None = None
    group: Label | None = None
    signature: Label | None = None
    chain: Annotated[tuple[Label, ...], Field(max_length=32)] = ()


class Asset(Record):
    """One cryptographic thing found; it never holds a secret.

    Attributes:
        asset_id: unique in its inventory.
        kind: what it is.
        name: for people.
        location: `host:port`, a file's path or a key id.
        also_at: further places where the very same thing was seen.
        target: the declared target that a migration changes it by; None where none is declared for it.
        algorithm: its name in the registry, else the name it was found under.
        key_bits: of the key, where it has a size.
        purposes: what it protects.
        quantum_vulnerable: whether a quantum computer breaks it.
        protocol: what was negotiated, for endpoints.
        owner: who answers for it.
        not_before: start of its validity.
        not_after: end of its validity.
        found_at: when it was looked at.
        data_lifetime_years: how long what it protects must stay secret; None is unknown.
        details: whatever else was found.
        findings: what is worth saying.
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
        """Everywhere it was seen."""
        return (self.location, *self.also_at)


class InventoryError(Record):
    """A target that could not be looked at."""

    target: Place
    error: Annotated[Text, Field(max_length=2000)]


class Inventory(Record):
    """All that was found at one time.

    Attributes:
        targets: what was to be looked at.
        assets: what was found.
        errors: what could not be looked at, or not in full, and why.
        looked_at: how many files, servers and stores were looked at; None where nobody counted.
    """

    inventory_id: Identifier
    created_at: Moment
    targets: Annotated[tuple[Place, ...], Field(max_length=10_000)] = ()
    assets: Annotated[tuple[Asset, ...], Field(max_length=MAX_ASSETS)] = ()
    errors: Annotated[tuple[InventoryError, ...], Field(max_length=MAX_ASSETS)] = ()
    looked_at: Annotated[Integer, Field(ge=0)] | None = None
