"""The key store: a tenant's keys, created, used and destroyed by a worker of the `crypto` queue.

Every change is one transaction with its audit log entry and the new signature over the log's head, so a crash
leaves either all of it or nothing. A private key is decrypted only into local variables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from novacron.algorithms import find
from novacron.crypto.audit import CONTEXT, head_statement
from novacron.errors import Conflict, NotFound
from novacron.json_types import JsonObject
from shared.crypto import permitted
from shared.crypto.permitted import EVERYTHING, Permitted
from shared.db import errors
from shared.db.crypto import audit, keks, keys
from shared.db.crypto.keys import KeyVersion, NewVersion, StoredKey
from shared.db.crypto.needs import Act, Ending, Need
from shared.db.crypto.uses import Use
from shared.db.session import Connection
from shared.settings import load
from workers.crypto import providers
from workers.crypto.keys.guard import Guard
from workers.crypto.keys.kek import Keyring
from workers.crypto.keys.key_pairs import OWN, Pair, check_next, check_use, fitting, generated
from workers.crypto.keys.keyring import keyring
from workers.crypto.keys.public_pem import public_pem
from workers.crypto.keys.sealing import Binding, seal, unseal
from workers.crypto.migration import targets

if TYPE_CHECKING:
    from novacron.specs import Spec
    from workers.runtime.context import Context

ACTIONS = {"generated": "key.generate", "imported": "key.import"}
TRIAL = b"NovaCron: a version of a key is tried out before it is used"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature with its key and version."""

    value: bytes
    key: StoredKey
    version: KeyVersion


class KeyStore:
    """The keys of one tenant.

    Args:
        connection: in autocommit, or inside the caller's transaction, which then covers every change.
        keyring: the KEKs of this worker.
        tenant_id: the tenant; keys of others are invisible.
        actor: the actor, for the audit log.
        guard: checked before a version stops signing or is erased; the default one checks rows only.
        permitted: algorithms permitted for new keys.
    """

    def __init__(
        self,
        connection: Connection,
        keyring: Keyring,
        tenant_id: int,
        actor: str,
        guard: Guard = Guard(),  # noqa: B008 - it never changes
        permitted: Permitted = EVERYTHING,
    ) -> None:
        self.permitted = permitted
        self._connection = connection
        self._keyring = keyring
        self._tenant = tenant_id
        self._actor = actor
        self._guard = guard

    @classmethod
    def of(cls, context: Context[Spec], *, abandoned: Iterable[str] = ()) -> KeyStore:
        """Return the store of the job's tenant.

        Args:
            context: context of the job's task.
            abandoned: names of objects given up although they need a key that ends.

        Raises:
            KekError: this worker has no KEK.
        """
        origin = context.origin
        guard = Guard(_declared, job_id=origin.job_id, abandoned=frozenset(abandoned))
        who = origin.submitted_by
        return cls(origin.database(), keyring(), origin.tenant_id, who, guard, permitted.here())

    def key(self, key_id: str) -> StoredKey:
        """Return a key.

        Raises:
            NotFound: the tenant has none of this id.
        """
        found = keys.find(self._connection, self._tenant, key_id)
        if found is None:
            raise NotFound(f"there is no key {key_id!r} in this tenant")
        return found

    def generate(
        self,
        algorithm: str,
        usage: str | None = None,
        *,
        label: str | None = None,
        effect: str | None = None,
        beside: str | None = None,
    ) -> StoredKey:
        """Generate a key.

        Args:
            algorithm: name in `novacron.algorithms`.
            usage: `sign`, `decrypt` or `decapsulate`; None selects the algorithm's usage.
            label: display name.
            effect: identifies this operation: repeated under the same name, it returns the first result.
            beside: algorithm of the certificate with which the key's certificate forms a pair.

        Raises:
            BadInput: an unknown algorithm, one with another usage, or one that is not permitted.
        """
        found = find(algorithm)
        self.permitted.check(found.name, beside=beside)
        usage = fitting(found, usage)
        return self._once(effect, lambda: self._insert(generated(found), usage, label, effect))

    def import_(
        self, pair: Pair, usage: str | None = None, *, label: str | None = None, effect: str | None = None
    ) -> StoredKey:
        """Store a key generated elsewhere; the other arguments are as for `generate`."""
        usage = fitting(find(pair.algorithm), usage)
        self.permitted.check(pair.algorithm)
        return self._once(effect, lambda: self._insert(pair, usage, label, effect))

    def own(self, usage: str) -> StoredKey:
        """Return the service's own key for `audit`, `results` or `transport`, created at its first use."""
        found = keys.own(self._connection, self._tenant, usage)
        if found is None:
            with self._connection.transaction():
                self._insert(generated(find(OWN[usage])), usage, None, None)
            found = keys.own(self._connection, self._tenant, usage)
        if found is None:
            raise LookupError(f"the key for {usage} was retired while it was made")
        return found

    def done(self, effect: str) -> StoredKey | None:
        """Return the key that an operation of this name created or rotated; None if it has not happened."""
        return keys.by_effect(self._connection, self._tenant, effect)

    def private(self, key_id: str, usage: str, version: int | None = None, *, closing: bool = False) -> Any:
        """Return a private key, as the object that `crypto.load` returns for its algorithm.

        Args:
            key_id: the key.
            usage: the purpose; a key with another usage is rejected.
            version: None selects the current one. Older ones decrypt and decapsulate, but no longer sign.
            closing: whether the signature only concerns earlier ones, such as a certificate's revocation;
                retired keys and older versions may sign these until they are destroyed.

        Raises:
            NotFound: there is no such key, or no such version.
            Conflict: the key has another usage, no longer signs, or is destroyed.
            KekError: it cannot be unsealed.
        """
        return self._opened(self.key(key_id), usage, version, closing=closing)

    def sign(self, key_id: str, message: bytes, context: bytes = b"", *, usage: str = "sign") -> Signed:
        """Sign with the current version; raises as `private`."""
        return self._sign(self.key(key_id), usage, message, context)

    def trial(self, key_id: str, version: int) -> Signed:
        """Sign `TRIAL`, the only message that a version not in use signs; raises as `private`."""
        key = self.key(key_id)
        key.check_usage("sign")
        one = key.at(version)
        value = providers.load(find(one.algorithm)).sign(one.algorithm, self._unsealed(key, one), TRIAL, b"")
        return Signed(value, key, one)

    def hold(self, key_id: str) -> None:
        """Lock a key against rotation, retirement and destruction until the caller's transaction ends."""
        keys.share(self._connection, self._tenant, key_id)

    def needs(
        self, key_id: str, act: Act, version: int | None = None, *, changing: Collection[str] = ()
    ) -> list[Need]:
        """Return what needs the versions an action would end and is not abandoned; read-only.

        Args:
            key_id: the key.
            act: the planned action.
            version: the one to be destroyed; None is all of them.
            changing: targets whose envelopes a plan re-wraps first.
        """
        ending = Ending.of(self.key(key_id), act, version)
        found = self._guard.needs(self._connection, self._tenant, ending, changing=changing)
        return self._guard.refusing(found, act)

    def uses(self, key_id: str) -> list[Use]:
        """Return the uses of a key."""
        return self._guard.uses(self._connection, self._tenant, self.key(key_id))

    def rotate(
        self,
        key_id: str,
        *,
        algorithm: str | None = None,
        expected: int | None = None,
        effect: str | None = None,
    ) -> StoredKey:
        """Create a new current version; older ones still verify, decrypt and decapsulate.

        Args:
            key_id: the key.
            algorithm: algorithm of the new version, None for the same; it must have the same usage.
            expected: the current version on which this was decided; None accepts any.
            effect: as for `generate`.

        Raises:
            Conflict: it was rotated or retired concurrently, or something needs the current version.
        """
        before = self.key(key_id)
        before.check_rotatable(expected)
        found = find(algorithm or before.algorithm)
        check_next(before, found)
        if before.usage not in OWN:
            self.permitted.check(found.name)
        last = expected or before.version
        return self._once(effect, lambda: self._advance(before, generated(found), last, effect))

    def use(self, key_id: str, version: int, *, expected: int) -> StoredKey:
        """Make another version current; idempotent.

        Args:
            key_id: the key.
            version: one whose private key is not destroyed.
            expected: the current version on which this was decided.

        Raises:
            NotFound: there is no such key.
            Conflict: it was rotated or retired concurrently, or the version cannot be used, or something
                needs the current one.
        """
        if self.key(key_id).version == version:
            return self.key(key_id)
        with self._connection.transaction():
            given_up = self._ask(key_id, "rotate")
            if not keys.use(self._connection, self._tenant, key_id, version, instead_of=expected):
                self._lost(key_id, expected)
            self.record("key.use", key_id, {"version": version, "instead_of": expected, **given_up})
        return self.key(key_id)

    def retire(self, key_id: str) -> StoredKey:
        """End new use: the key no longer signs, and existing data stays readable. Idempotent.

        Raises:
            NotFound: there is no such key.
            Conflict: something needs it.
        """
        self.key(key_id)
        with self._connection.transaction():
            given_up = self._ask(key_id, "retire")
            if keys.retire(self._connection, self._tenant, key_id):
                self.record("key.retire", key_id, given_up)
        return self.key(key_id)

    def destroy(self, key_id: str, version: int | None = None) -> StoredKey:
        """Erase private keys: of a retired key, or of one version that is no longer in use.

        Raises:
            NotFound: there is no such key or version.
            Conflict: it is still in use, or something needs it.
        """
        found = self.key(key_id)
        found.check_destroyable(version)
        with self._connection.transaction():
            given_up = self._ask(key_id, "destroy", version)
            if erased := keys.destroy(self._connection, self._tenant, key_id, version):
                self.record("key.destroy", key_id, {"versions": erased, **given_up})
        return self.key(key_id)

    def _ask(self, key_id: str, act: Act, version: int | None = None) -> dict[str, list[str]]:
        """Lock a key and find what needs the versions about to end, in the transaction of the action.

        Returns:
            The abandoned needs, for the audit log.

        Raises:
            Conflict: something needs them; the message names it.
        """
        keys.hold(self._connection, self._tenant, key_id)
        ending = Ending.of(self.key(key_id), act, version)
        if not ending.versions or (ending.key.state != "active" and act != "destroy"):
            return {}  # it has already ended
        given_up = self._guard.check(self._connection, self._tenant, ending)
        return {"abandoned": given_up} if given_up else {}

    def record(self, action: str, subject: str, details: JsonObject) -> None:
        """Append to the tenant's audit log and sign its head, in the caller's transaction if one is open."""
        signer = self.own("audit")
        with self._connection.transaction():
            entry = audit.append(self._connection, self._tenant, self._actor, action, subject, details)
            self._sign_head(signer, entry["seq"], bytes.fromhex(entry["hash"]))

    def sign_log(self) -> None:
        """Sign the head of the audit log if other processes have appended to it since the last signature."""
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
        value = providers.load(found).sign(found.name, private, message, context)
        return Signed(value, key, key.current)

    def _once(self, effect: str | None, act: Callable[[], str]) -> StoredKey:
        """Return the key created or changed by an operation, done once per name, in one transaction."""
        if effect and (known := self.done(effect)):
            return known
        try:
            with self._connection.transaction():
                key_id = act()
        except errors.UniqueViolation:
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
        given_up = self._ask(key.key_id, "rotate")
        new = self._sealed(pair, key.key_id, key.versions[-1].version + 1, key.usage, effect)
        if not keys.advance(self._connection, self._tenant, key.key_id, new, instead_of=last):
            self._lost(key.key_id, last)
        details: JsonObject = {"version": new.version, "algorithm": pair.algorithm, **given_up}
        self.record("key.rotate", key.key_id, details)
        return key.key_id

    def _lost(self, key_id: str, last: int) -> NoReturn:
        now = self.key(key_id)
        raise Conflict(
            f"key {key_id} is {now.state}, version {now.version} in use instead of {last}:"
            " it was changed concurrently"
        )

    def _sealed(self, pair: Pair, key_id: str, version: int, usage: str, effect: str | None) -> NewVersion:
        """Seal the pair under the current KEK, which stays current until the transaction ends."""
        kek = self._keyring.find(keks.current(self._connection, self._keyring.newest().kek_id))
        binding = Binding(self._tenant, key_id, version, pair.algorithm, usage)
        return NewVersion(
            version, pair.algorithm, pair.public, public_pem(pair.algorithm, pair.public),
            seal(kek, pair.private, binding), pair.origin, pair.seedless, self._actor, effect,
        )  # fmt: skip

    def _opened(self, key: StoredKey, usage: str, version: int | None, *, closing: bool = False) -> Any:
        one = key.at(version or key.version)
        check_use(key, usage, one.version, closing)
        return self._unsealed(key, one)

    def _unsealed(self, key: StoredKey, one: KeyVersion) -> Any:
        sealed = keys.sealed(self._connection, self._tenant, key.key_id, one.version)
        if sealed is None:
            raise Conflict(f"version {one.version} of key {key.key_id} is destroyed: its private key is gone")
        binding = Binding(self._tenant, key.key_id, one.version, one.algorithm, key.usage)
        private = unseal(self._keyring.find(sealed.kek_id), sealed, binding)
        return providers.load(find(one.algorithm)).load_private(one.algorithm, private)


def _declared() -> dict[str, targets.Target]:
    """Return the targets declared by this worker's operator."""
    return targets.load(load().targets_file)
