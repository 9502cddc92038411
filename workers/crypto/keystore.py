"""The key store: a tenant's keys, made, used and ended by a worker of the `crypto` queue.

Every change is one transaction with its entry in the audit log and the new signature over the log's head, so
a process that is killed leaves either all of it or nothing. A private key is open only in local variables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg

from novacron.audit import CONTEXT, head_statement
from novacron.errors import BadInput, Conflict, NotFound
from shared.algorithms import Algorithm, find
from shared.db import audit, keks, keys
from shared.db.keys import KeyVersion, NewVersion, StoredKey
from shared.db.session import Connection
from workers import crypto
from workers.crypto.kek import Keyring, keyring
from workers.crypto.public_pem import public_pem
from workers.crypto.sealing import Binding, seal, unseal

if TYPE_CHECKING:
    from workers.context import Context

USAGES = {"signature": "sign", "encryption": "decrypt", "kem": "decapsulate"}
"""Type of algorithm -> the one thing its private keys are for."""
ACTIONS = {"generated": "key.generate", "imported": "key.import"}
OWN = {"audit": "ML-DSA-65", "results": "ML-DSA-65", "transport": "X-Wing"}
"""What the service itself has keys for -> their algorithm. Nobody else can use such a key."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature and whose it is."""

    value: bytes
    key: StoredKey
    version: KeyVersion


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of keys to be stored, the private one in the form its provider stores; never printed."""

    algorithm: str
    public: bytes
    private: bytes = field(repr=False)
    origin: str = "generated"

    @property
    def seedless(self) -> bool:
        """Whether only the expanded form of the private key is known."""
        return len(self.private) == find(self.algorithm).expanded_private_key_bytes


class KeyStore:
    """The keys of one tenant.

    Args:
        connection: in autocommit, or inside the caller's transaction, to which all of this then belongs.
        keyring: the KEKs of this worker.
        tenant_id: whose keys; those of others are not there.
        actor: who acts, for the audit log.
    """

    def __init__(self, connection: Connection, keyring: Keyring, tenant_id: int, actor: str) -> None:
        self._connection = connection
        self._keyring = keyring
        self._tenant = tenant_id
        self._actor = actor

    @classmethod
    def of(cls, context: Context) -> KeyStore:
        """The store of the job's tenant.

        Raises:
            KekError: this worker has no KEK.
        """
        origin = context.origin
        return cls(origin.database(), keyring(), origin.tenant_id, origin.submitted_by)

    def key(self, key_id: str) -> StoredKey:
        """A key.

        Raises:
            NotFound: the tenant has none of this id.
        """
        found = keys.find(self._connection, self._tenant, key_id)
        if found is None:
            raise NotFound(f"there is no key {key_id!r} of yours")
        return found

    def generate(
        self, algorithm: str, usage: str | None = None, *, label: str | None = None, effect: str | None = None
    ) -> StoredKey:
        """A new key.

        Args:
            algorithm: name in `shared.algorithms`.
            usage: `sign`, `decrypt` or `decapsulate`; None takes what the algorithm is for.
            label: what listings call it.
            effect: names this act: done again under the same name, it returns what it made the first time.

        Raises:
            BadInput: an unknown algorithm, or one that is not for this usage.
        """
        found = find(algorithm)
        usage = fitting(found, usage)
        return self._once(effect, lambda: self._insert(_generated(found), usage, label, effect))

    def import_(
        self, pair: Pair, usage: str | None = None, *, label: str | None = None, effect: str | None = None
    ) -> StoredKey:
        """A key that was made elsewhere; the other arguments are as for `generate`."""
        usage = fitting(find(pair.algorithm), usage)
        return self._once(effect, lambda: self._insert(pair, usage, label, effect))

    def own(self, usage: str) -> StoredKey:
        """The service's own key for `audit`, `results` or `transport`, made at its first use."""
        found = keys.own(self._connection, self._tenant, usage)
        if found is None:
            with self._connection.transaction():
                self._insert(_generated(find(OWN[usage])), usage, None, None)
            found = keys.own(self._connection, self._tenant, usage)
        if found is None:
            raise LookupError(f"the key for {usage} was retired while it was made")
        return found

    def done(self, effect: str) -> StoredKey | None:
        """The key that an act of this name made or rotated; None where it has not happened."""
        return keys.by_effect(self._connection, self._tenant, effect)

    def private(self, key_id: str, usage: str, version: int | None = None) -> Any:
        """A private key, as an object of the provider that `crypto.load` gives for its algorithm.

        Args:
            key_id: which key.
            usage: what for; a key for something else is refused.
            version: None takes the one in use. Older ones decrypt and decapsulate, but sign no more.

        Raises:
            NotFound: there is no such key, or no such version.
            Conflict: the key is not for this usage, no longer signs, or is destroyed.
            KekError: it does not open.
        """
        return self._opened(self.key(key_id), usage, version)

    def sign(self, key_id: str, message: bytes, context: bytes = b"", *, usage: str = "sign") -> Signed:
        """Sign with the version in use; raises as `private`."""
        return self._sign(self.key(key_id), usage, message, context)

    def rotate(
        self,
        key_id: str,
        *,
        algorithm: str | None = None,
        expected: int | None = None,
        effect: str | None = None,
    ) -> StoredKey:
        """A new version, used from now on; older ones still verify, decrypt and decapsulate.

        Args:
            key_id: which key.
            algorithm: of the new version, None for the same; it must be for the same usage.
            expected: the version in use that this was decided on; None takes what is in use now.
            effect: as for `generate`.

        Raises:
            Conflict: somebody else rotated or retired it meanwhile.
        """
        before = self.key(key_id)
        before.check_rotatable(expected)
        found = find(algorithm or before.algorithm)
        _check_next(before, found)
        last = expected or before.version
        return self._once(effect, lambda: self._advance(before, _generated(found), last, effect))

    def use(self, key_id: str, version: int, *, expected: int) -> StoredKey:
        """Use another version from now on; done again, it does nothing.

        Args:
            key_id: which key.
            version: one whose private key is not destroyed.
            expected: the version in use that this was decided on.

        Raises:
            NotFound: there is no such key.
            Conflict: somebody else rotated or retired it meanwhile, or the version cannot be used.
        """
        if self.key(key_id).version == version:
            return self.key(key_id)
        with self._connection.transaction():
            if not keys.use(self._connection, self._tenant, key_id, version, instead_of=expected):
                self._lost(key_id, expected)
            self.record("key.use", key_id, {"version": version, "instead_of": expected})
        return self.key(key_id)

    def retire(self, key_id: str) -> StoredKey:
        """End new use: it signs no more, and old data stays readable. Done again, it does nothing."""
        self.key(key_id)
        with self._connection.transaction():
            if keys.retire(self._connection, self._tenant, key_id):
                self.record("key.retire", key_id, {})
        return self.key(key_id)

    def destroy(self, key_id: str, version: int | None = None) -> StoredKey:
        """Erase private keys for ever: of a retired key, or of one version that is no longer in use.

        Raises:
            NotFound: there is no such key or version.
            Conflict: it is still in use.
        """
        found = self.key(key_id)
        found.check_destroyable(version)
        with self._connection.transaction():
            if erased := keys.destroy(self._connection, self._tenant, key_id, version):
                self.record("key.destroy", key_id, {"versions": erased})
        return self.key(key_id)

    def record(self, action: str, subject: str, details: dict[str, Any]) -> None:
        """Append to the tenant's audit log and sign its head, in the caller's transaction if one is open."""
        signer = self.own("audit")
        with self._connection.transaction():
            entry = audit.append(self._connection, self._tenant, self._actor, action, subject, details)
            self._sign_head(signer, entry["seq"], bytes.fromhex(entry["hash"]))

    def sign_log(self) -> None:
        """Sign the head of the audit log where others have appended to it since the last signature."""
        last = audit.last(self._connection, self._tenant)
        signed = audit.head(self._connection, self._tenant)
        if last and (signed is None or signed["seq"] < last[0]):
            self._sign_head(self.own("audit"), *last)

    def _sign_head(self, signer: StoredKey, seq: int, digest: bytes) -> None:
        statement = head_statement(self._tenant, seq, digest)
        signed = self._sign(signer, "audit", statement, CONTEXT)
        audit.sign(
            self._connection, self._tenant, seq,
            key_id=signer.key_id, key_version=signed.version.version, signature=signed.value,
        )  # fmt: skip

    def _sign(self, key: StoredKey, usage: str, message: bytes, context: bytes) -> Signed:
        private, found = self._opened(key, usage, None), find(key.algorithm)
        value = crypto.load(found).sign(found.name, private, message, context)
        return Signed(value, key, key.current)

    def _once(self, effect: str | None, act: Callable[[], str]) -> StoredKey:
        """The key that an act makes or changes, which happens in one transaction, and under one name once."""
        if effect and (known := self.done(effect)):
            return known
        try:
            with self._connection.transaction():
                key_id = act()
        except psycopg.errors.UniqueViolation:
            # Another attempt of the same task was faster.
            known = self.done(effect) if effect else None
            if known is None:
                raise
            return known
        return self.key(key_id)

    def _insert(self, pair: Pair, usage: str, label: str | None, effect: str | None) -> str:
        key_id = keys.new_key_id()
        first = self._sealed(pair, key_id, 1, usage, effect)
        if keys.insert(self._connection, key_id, self._tenant, label=label, usage=usage, first=first):
            self.record(ACTIONS[pair.origin], key_id, {"algorithm": pair.algorithm, "usage": usage})
        return key_id

    def _advance(self, key: StoredKey, pair: Pair, last: int, effect: str | None) -> str:
        new = self._sealed(pair, key.key_id, key.versions[-1].version + 1, key.usage, effect)
        if not keys.advance(self._connection, self._tenant, key.key_id, new, instead_of=last):
            self._lost(key.key_id, last)
        self.record("key.rotate", key.key_id, {"version": new.version, "algorithm": pair.algorithm})
        return key.key_id

    def _lost(self, key_id: str, last: int) -> NoReturn:
        now = self.key(key_id)
        raise Conflict(
            f"key {key_id} is {now.state}, version {now.version} in use instead of {last}:"
            " somebody else was faster"
        )

    def _sealed(self, pair: Pair, key_id: str, version: int, usage: str, effect: str | None) -> NewVersion:
        """The pair sealed under the KEK in use, which stays in use until the transaction ends."""
        kek = self._keyring.find(keks.current(self._connection, self._keyring.newest().kek_id))
        binding = Binding(self._tenant, key_id, version, pair.algorithm, usage)
        return NewVersion(
            version, pair.algorithm, pair.public, public_pem(pair.algorithm, pair.public),
            seal(kek, pair.private, binding), pair.origin, pair.seedless, self._actor, effect,
        )  # fmt: skip

    def _opened(self, key: StoredKey, usage: str, version: int | None) -> Any:
        one = key.at(version or key.version)
        _check_use(key, usage, one.version)
        sealed = keys.sealed(self._connection, self._tenant, key.key_id, one.version)
        if sealed is None:
            raise Conflict(f"version {one.version} of key {key.key_id} is destroyed: its private key is gone")
        binding = Binding(self._tenant, key.key_id, one.version, one.algorithm, usage)
        private = unseal(self._keyring.find(sealed.kek_id), sealed, binding)
        return crypto.load(find(one.algorithm)).load_private(one.algorithm, private)


def fitting(algorithm: Algorithm, usage: str | None) -> str:
    """The usage of keys of an algorithm, which must be the one asked for.

    Raises:
        BadInput: it is not.
    """
    right = USAGES[algorithm.type]
    if usage not in (None, right):
        raise BadInput(f"keys of {algorithm.name} are for {right}", field="usage", value=usage)
    return right


def _check_next(key: StoredKey, algorithm: Algorithm) -> None:
    """Whether an algorithm may be that of a key's next version.

    Raises:
        BadInput: it is for another usage, or the key is the service's own, which has the algorithm it has.
    """
    if key.usage not in OWN:
        fitting(algorithm, key.usage)
    elif algorithm.name != OWN[key.usage]:
        raise BadInput(
            f"keys for {key.usage} are of {OWN[key.usage]}", field="algorithm", value=algorithm.name
        )


def _generated(algorithm: Algorithm) -> Pair:
    provider = crypto.load(algorithm)
    pair = provider.generate(algorithm.name)
    return Pair(algorithm.name, pair.public, provider.private_bytes(algorithm.name, pair.private))


def _check_use(key: StoredKey, usage: str, version: int) -> None:
    """Whether a version of a key may be used so.

    Raises:
        Conflict: it may not.
    """
    key.check_usage(usage)
    if usage in ("decrypt", "decapsulate", "transport"):
        return
    key.check_active()
    if version != key.version:
        raise Conflict(
            f"version {version} of key {key.key_id} signs no more: version {key.version} is in use"
        )
