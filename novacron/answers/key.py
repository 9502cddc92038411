"""Keys in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from novacron.answers.answer import Answer
from novacron.answers.operation import Performed

KeyState = Literal["active", "retired", "destroyed"]
"""`retired` is for no new use; the private keys of a `destroyed` one are erased."""


class KeyVersion(Answer, shown=("version", "algorithm", "origin", "destroyed_at")):
    """One version of a key, without its private part.

    Attributes:
        version: from 1.
        algorithm: name by its standard.
        public_key: base64 of the encoded public key.
        public_key_pem: the same in PEM; null for algorithms without such a form.
        key_size: bytes of the public key.
        origin: whether it was generated here or imported.
        seedless: whether the seed of the private key is unknown, without which few programs take it.
        created_at: when it was made.
        destroyed_at: when its private key was erased; null where it was not.
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
    """A key in the store, without its private parts; the version in use stands at the top.

    Attributes:
        key_id: the same over all versions.
        label: name in listings.
        usage: the one operation that its private key is for: `sign`, `decrypt` or `decapsulate`.
        state: `active`, `retired` (no new use) or `destroyed` (private keys erased).
        created_at: when the key was made.
        created_by: name of the token that made it.
        versions: all versions, oldest first.
    """

    key_id: str
    label: str | None
    usage: str
    state: KeyState
    created_by: str
    versions: list[KeyVersion]


class Need(Answer, shown=("kind", "name", "why")):
    """An object that needs a key.

    Attributes:
        kind: of the object.
        name: by which `abandon` names it.
        why: it needs the key.
        cure: what can be done about it.
    """

    kind: str
    name: str
    why: str
    cure: str


class Use(Answer, shown=("what", "where", "count")):
    """Operations that a key was used for.

    Attributes:
        what: the operation, in words.
        where: by which token, with which certificate, or in which folder.
        count: how often.
        last_at: when last; null where that was not recorded.
    """

    what: str
    where: str
    count: int
    last_at: datetime | None


class KeyRehearsal(Performed, shown=("operation", "key_id", "refused")):
    """A dry run of a change to a key; nothing was changed.

    Attributes:
        dry_run: true.
        key_id: of the key.
        refused: whether the change would be refused.
        needs: objects that need the key.
        uses: how often and where it was used.
        remains: what a destruction does not reach.
    """

    dry_run: Literal[True]
    key_id: str
    refused: bool
    needs: list[Need]
    uses: list[Use]
    remains: list[str]
