"""Keys in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from novacron.answers.answer import Answer
from novacron.answers.operation import Performed

KeyState = Literal["active", "retired", "destroyed"]
"""`retired` keys are not used for anything new; the private keys of `destroyed` ones are erased."""


class KeyVersion(Answer, shown=("version", "algorithm", "origin", "destroyed_at")):
    """One version of a key, without its private part.

    Attributes:
        version: from 1.
        algorithm: name from its standard.
        public_key: base64 of the encoded public key.
        public_key_pem: the same in PEM; null for algorithms without a PEM form.
        key_size: size of the public key in bytes.
        origin: whether it was generated here or imported.
        seedless: whether the private key's seed is unknown; few programs accept such keys.
        created_at: time of creation.
        destroyed_at: time its private key was erased; null if it was not.
    """

    version: int
    algorithm: str
    public_key: str
    public_key_pem: str | None
    key_size: int
    origin: str
    seedless: bool
    created_at: datetime
    destroyed_at: datetime | None


class Key(KeyVersion, shown=("key_id", "algorithm", "usage", "state", "version", "label")):
    """A key in the store, without private parts; the top level shows the current version.

    Attributes:
        key_id: the same over all versions.
        label: name in listings.
        usage: the only permitted operation of its private key: `sign`, `decrypt` or `decapsulate`.
        state: `active`, `retired` (no new use) or `destroyed` (private keys erased).
        created_at: time the key was created.
        created_by: name of the token that created it.
        versions: all versions, oldest first.
    """

    key_id: str
    label: str | None
    usage: str
    state: KeyState
    created_by: str
    versions: list[KeyVersion]


class Need(Answer, shown=("kind", "name", "why")):
    """An object that depends on a key.

    Attributes:
        kind: kind of object.
        name: name under which `abandon` refers to it.
        why: why it needs the key.
        cure: how to resolve the dependency.
    """

    kind: str
    name: str
    why: str
    cure: str


class Use(Answer, shown=("what", "where", "count")):
    """Recorded use of a key.

    Attributes:
        what: the operation.
        where: token, certificate, or folder of the use.
        count: number of uses.
        last_at: time of the last use; null if not recorded.
    """

    what: str
    where: str
    count: int
    last_at: datetime | None


class KeyRehearsal(Performed, shown=("operation", "key_id", "refused")):
    """A dry run of a change to a key; nothing was changed.

    Attributes:
        dry_run: true.
        key_id: the key.
        refused: whether the change would be refused.
        needs: objects that depend on the key.
        uses: how often and where it was used.
        remains: copies and data that destroying the key does not affect.
    """

    dry_run: Literal[True]
    key_id: str
    refused: bool
    needs: list[Need]
    uses: list[Use]
    remains: list[str]
