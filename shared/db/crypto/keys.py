"""Keys in the database: every change is conditional on the state on which it was decided.

Rows hold private keys in sealed form only (`workers/crypto/keys/sealing.py`); this package cannot open them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from novacron import algorithms
from novacron.errors import Conflict, NotFound
from shared import ulid
from shared.db.session import Connection
from shared.db.statements import statement

USAGES = tuple(algorithms.USAGES.values())
"""Usages of tenants' keys; the service's own usages (audit, results, transport) are not among them."""


def new_key_id() -> str:
    """Return a new unique id."""
    return ulid.new("key_")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A private key as stored: sealed under its own data encryption key (DEK), which is wrapped by a KEK."""

    kek_id: str
    wrapped_dek: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One key pair of a key.

    Attributes:
        version: from 1.
        algorithm: name in `novacron.algorithms`.
        public_key: as the algorithm's standard encodes it.
        public_key_pem: the same as SubjectPublicKeyInfo in PEM (RFC 7468, section 13), one block for each
            component of a hybrid; None if the algorithm has no such encoding.
        origin: `generated` or `imported`.
        seedless: whether its private key was imported only in the standard's expanded form, which few
            libraries support: such a key should be rotated to one that has a seed.
        created_at: time of creation.
        created_by: name of the token.
        destroyed_at: time at which its private key was erased.
    """

    version: int
    algorithm: str
    public_key: bytes
    public_key_pem: str | None
    origin: str
    seedless: bool
    created_at: datetime
    created_by: str
    destroyed_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        """Return the version as JSON."""
        return {
            "version": self.version,
            "algorithm": self.algorithm,
            "public_key": base64.b64encode(self.public_key).decode(),
            "public_key_pem": self.public_key_pem,
            "key_size": len(self.public_key),
            "origin": self.origin,
            "seedless": self.seedless,
            "created_at": self.created_at.isoformat(),
            "destroyed_at": self.destroyed_at.isoformat() if self.destroyed_at else None,
        }


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key without its private parts.

    Attributes:
        key_id: stable over all versions.
        tenant_id: owning tenant.
        label: display name.
        usage: the one purpose of its private key.
        state: `active`, `retired` (no new use) or `destroyed` (private keys erased).
        version: the current version.
        created_at: time of creation.
        created_by: name of the token.
        versions: all of them, oldest first.
    """

    key_id: str
    tenant_id: int
    label: str | None
    usage: str
    state: str
    version: int
    created_at: datetime
    created_by: str
    versions: tuple[KeyVersion, ...]

    @property
    def current(self) -> KeyVersion:
        """The current version."""
        return self.at(self.version)

    @property
    def algorithm(self) -> str:
        """Algorithm of the current version."""
        return self.current.algorithm

    @property
    def public_key(self) -> bytes:
        """Public key of the current version."""
        return self.current.public_key

    def at(self, version: int) -> KeyVersion:
        """Return one version.

        Raises:
            NotFound: there is no version of that number.
        """
        for one in self.versions:
            if one.version == version:
                return one
        raise NotFound(f"key {self.key_id} has no version {version}")

    def check_active(self) -> None:
        """Check that it may be used for new operations.

        Raises:
            Conflict: it is retired or destroyed.
        """
        if self.state != "active":
            raise Conflict(f"key {self.key_id} is {self.state}: it is used for nothing new any more")

    def check_usage(self, usage: str) -> None:
        """Check that it has this usage.

        Raises:
            Conflict: it has another usage.
        """
        if self.usage != usage:
            raise Conflict(f"key {self.key_id} is for {self.usage}, not for {usage}")

    def check_rotatable(self, expected: int | None) -> None:
        """Check that it may be rotated, given that version `expected` was current when this was decided.

        Raises:
            Conflict: it is retired, or another version is current.
        """
        self.check_active()
        if expected not in (None, self.version):
            raise Conflict(
                f"key {self.key_id} was not rotated from version {expected}: version {self.version} is in use,"
                " it was changed concurrently"
            )

    def check_destroyable(self, version: int | None) -> None:
        """Check that its private keys, or that of one version, may be erased.

        Raises:
            NotFound: it has no such version.
            Conflict: it is still in use.
        """
        if version is not None:
            self.at(version)
        if self.state == "active" and version in (None, self.version):
            raise Conflict(f"key {self.key_id} is in use: retire it first, then destroy it")

    def document(self) -> dict[str, Any]:
        """Return the key as JSON, with the current version at the top level."""
        return {
            **self.current.document(),
            "key_id": self.key_id,
            "label": self.label,
            "usage": self.usage,
            "state": self.state,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "versions": [one.document() for one in self.versions],
        }


FIND = statement("keys.find")
OWN = statement("keys.own")
LISTING = statement("keys.listing")
LISTING_AFTER = statement("keys.listing_after")


def _grouped(rows: list[tuple[Any, ...]]) -> list[StoredKey]:
    versions: dict[str, list[KeyVersion]] = {}
    heads: dict[str, tuple[Any, ...]] = {}
    for row in rows:
        heads[row[0]] = row[:8]
        versions.setdefault(row[0], []).append(KeyVersion(*row[8:]))
    return [StoredKey(*(*head, tuple(versions[key_id]))) for key_id, head in heads.items()]


def find(connection: Connection, tenant_id: int, key_id: str) -> StoredKey | None:
    """Return the tenant's key of this id."""
    return next(
        iter(_grouped(connection.execute(FIND, {"key": key_id, "tenant": tenant_id}).fetchall())), None
    )


def own(connection: Connection, tenant_id: int, usage: str) -> StoredKey | None:
    """Return the service's key for one of its own usages; None before its first use."""
    return next(
        iter(_grouped(connection.execute(OWN, {"usage": usage, "tenant": tenant_id}).fetchall())), None
    )


def listing(
    connection: Connection, tenant_id: int, *, limit: int = 50, after: str | None = None
) -> list[StoredKey]:
    """List the tenant's keys, newest first, after the key `after`."""
    arguments = {"tenant": tenant_id, "limit": limit, "after": after}
    return _grouped(connection.execute(LISTING_AFTER if after else LISTING, arguments).fetchall())


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A key pair to be stored.

    Attributes:
        effect: identifies the operation, so that a repetition is idempotent; None if it is never repeated.
    """

    version: int
    algorithm: str
    public_key: bytes
    public_key_pem: str | None
    sealed: Sealed
    origin: str
    seedless: bool
    created_by: str
    effect: str | None = None


INSERT_KEY = """
INSERT INTO keys (id, tenant_id, label, usage, created_by) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, usage) WHERE usage IN ('audit', 'results', 'transport') AND state = 'active' DO NOTHING
RETURNING id
"""
INSERT_VERSION = """
INSERT INTO key_versions
  (key_id, version, algorithm, public_key, public_key_pem, kek_id, wrapped_dek, sealed, origin, seedless, effect,
   created_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
ADVANCE = """
UPDATE keys SET version = %(to)s
WHERE id = %(id)s AND tenant_id = %(tenant)s AND state = 'active' AND version = %(from)s RETURNING id
"""
USE = """
UPDATE keys SET version = %(to)s
WHERE id = %(id)s AND tenant_id = %(tenant)s AND state = 'active' AND version = %(from)s
  AND EXISTS (SELECT 1 FROM key_versions v WHERE v.key_id = %(id)s AND v.version = %(to)s AND v.destroyed_at IS NULL)
RETURNING id
"""
RETIRE = """
UPDATE keys SET state = 'retired', retired_at = clock_timestamp()
WHERE id = %s AND tenant_id = %s AND state = 'active' RETURNING id
"""
DESTROY = """
UPDATE keys SET state = 'destroyed', destroyed_at = clock_timestamp()
WHERE id = %s AND tenant_id = %s AND state = 'retired' RETURNING id
"""
ERASE = """
UPDATE key_versions v SET kek_id = NULL, wrapped_dek = NULL, sealed = NULL, destroyed_at = clock_timestamp()
FROM keys k WHERE k.id = v.key_id AND k.id = %(id)s AND k.tenant_id = %(tenant)s AND v.destroyed_at IS NULL
  AND (k.state = 'destroyed' OR v.version <> k.version) AND v.version = coalesce(%(version)s, v.version)
RETURNING v.version
"""
ERASE_MESSAGE = statement("jobs.erase_message")
EFFECT = """
SELECT k.id FROM key_versions v JOIN keys k ON k.id = v.key_id WHERE v.effect = %s AND k.tenant_id = %s
"""
SEALED = """
SELECT v.kek_id, v.wrapped_dek, v.sealed FROM key_versions v JOIN keys k ON k.id = v.key_id
WHERE k.id = %s AND k.tenant_id = %s AND v.version = %s AND v.destroyed_at IS NULL
"""


def hold(connection: Connection, tenant_id: int, key_id: str) -> None:
    """Lock a key against changes and against `share` until the caller's transaction ends."""
    connection.execute(
        "SELECT FROM keys WHERE id = %s AND tenant_id = %s FOR NO KEY UPDATE", (key_id, tenant_id)
    )


def share(connection: Connection, tenant_id: int, key_id: str) -> None:
    """Lock a key against changes until the caller's transaction ends; others may share the lock."""
    connection.execute("SELECT FROM keys WHERE id = %s AND tenant_id = %s FOR SHARE", (key_id, tenant_id))


def insert(
    connection: Connection, key_id: str, tenant_id: int, *, label: str | None, usage: str, first: NewVersion
) -> bool:
    """Store a key and its first version, in the caller's transaction.

    Returns:
        False if the service already has a key for this usage.
    """
    values = (key_id, tenant_id, label, usage, first.created_by)
    if connection.execute(INSERT_KEY, values).fetchone() is None:
        return False
    _insert_version(connection, key_id, first)
    return True


def advance(connection: Connection, tenant_id: int, key_id: str, new: NewVersion, *, instead_of: int) -> bool:
    """Store the next version and make it current, in the caller's transaction.

    Returns:
        False if version `instead_of` is no longer current, or the key is not active.
    """
    arguments = {"id": key_id, "tenant": tenant_id, "from": instead_of, "to": new.version}
    if connection.execute(ADVANCE, arguments).fetchone() is None:
        return False
    _insert_version(connection, key_id, new)
    return True


def use(connection: Connection, tenant_id: int, key_id: str, version: int, *, instead_of: int) -> bool:
    """Make another version current.

    Returns:
        False if version `instead_of` is no longer current, the other is missing or destroyed, or the key is
        not active.
    """
    arguments = {"id": key_id, "tenant": tenant_id, "from": instead_of, "to": version}
    return connection.execute(USE, arguments).fetchone() is not None


def _insert_version(connection: Connection, key_id: str, new: NewVersion) -> None:
    sealed = new.sealed
    connection.execute(
        INSERT_VERSION,
        (
            key_id, new.version, new.algorithm, new.public_key, new.public_key_pem,
            sealed.kek_id, sealed.wrapped_dek, sealed.ciphertext, new.origin, new.seedless,
            new.effect, new.created_by,
        ),
    )  # fmt: skip


def retire(connection: Connection, tenant_id: int, key_id: str) -> bool:
    """Active -> retired; return False if it was not active."""
    return connection.execute(RETIRE, (key_id, tenant_id)).fetchone() is not None


def destroy(connection: Connection, tenant_id: int, key_id: str, version: int | None = None) -> list[int]:
    """Erase private keys, in the caller's transaction: all of a retired key, or one unused version.

    Returns:
        The erased versions.
    """
    if version is None and connection.execute(DESTROY, (key_id, tenant_id)).fetchone() is None:
        return []
    arguments = {"id": key_id, "tenant": tenant_id, "version": version}
    return sorted(row[0] for row in connection.execute(ERASE, arguments))


def erase_message(connection: Connection, job_id: str) -> None:
    """Erase the sealed private key from the job that imported it: the stored key must be the only copy.

    A job that ends without storing the key loses it at its end (`jobs.END`).
    """
    connection.execute(ERASE_MESSAGE, {"job": job_id})


def by_effect(connection: Connection, tenant_id: int, effect: str) -> StoredKey | None:
    """Return the key that an effect created or rotated; None if it has not happened."""
    row = connection.execute(EFFECT, (effect, tenant_id)).fetchone()
    return find(connection, tenant_id, row[0]) if row else None


def sealed(connection: Connection, tenant_id: int, key_id: str, version: int) -> Sealed | None:
    """Return the sealed private key of a version; None if it is destroyed or missing."""
    row = connection.execute(SEALED, (key_id, tenant_id, version)).fetchone()
    return Sealed(*row) if row else None
