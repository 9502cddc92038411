"""The key store: a tenant's keys, made, used and ended by a worker of the `crypto` queue.

Every change is one transaction with its entry in the audit log and the new signature over the log's head, so
a process that is killed leaves either all of it or nothing. A private key is open only in local variables.
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
    """A signature and whose it is."""

    value: bytes
    key: StoredKey
    version: KeyVersion


class KeyStore:
    """The keys of one tenant.

    Args:
        connection: in autocommit, or inside the caller's transaction, to which all of this then belongs.
        keyring: the KEKs of this worker.
        tenant_id: whose keys; those of others are not there.
        actor: who acts, for the audit log.
        guard: asked before a version signs no more or is erased; this one asks the rows alone.
        permitted: algorithms that new keys may be of.
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
        """The store of the job's tenant.

        Args:
            context: of the job's task.
            abandoned: names of what is given up, though it needs a key that ends.

        Raises:
            KekError: this worker has no KEK.
        """
        origin = context.origin
        guard = Guard(_declared, job_id=origin.job_id, abandoned=frozenset(abandoned))
        who = origin.submitted_by
        return cls(origin.database(), keyring(), origin.tenant_id, who, guard, permitted.here())

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
        self,
        algorithm: str,
        usage: str | None = None,
        *,
        label: str | None = None,
        effect: str | None = None,
        beside: str | None = None,
    ) -> StoredKey:
        """A new key.

        Args:
            algorithm: name in `novacron.algorithms`.
            usage: `sign`, `decrypt` or `decapsulate`; None takes what the algorithm is for.
            label: what listings call it.
            effect: names this act: done again under the same name, it returns what it made the first time.
            beside: algorithm of the certificate that the key's certificate is a pair with.

        Raises:
            BadInput: an unknown algorithm, one that is not for this usage, or not permitted here.
        """
        found = find(algorithm)
        self.permitted.check(found.name, beside=beside)
        usage = fitting(found, usage)
        return self._once(effect, lambda: self._insert(generated(found), usage, label, effect))

    def import_(
        self, pair: Pair, usage: str | None = None, *, label: str | None = None, effect: str | None = None
    ) -> StoredKey:
        """A key that was made elsewhere; the other arguments are as for `generate`."""
        usage = fitting(find(pair.algorithm), usage)
        self.permitted.check(pair.algorithm)
        return self._once(effect, lambda: self._insert(pair, usage, label, effect))

    def own(self, usage: str) -> StoredKey:
        """The service's own key for `audit`, `results` or `transport`, made at its first use."""
        found = keys.own(self._connection, self._tenant, usage)
        if found is None:
            with self._connection.transaction():
                self._insert(generated(find(OWN[usage])), usage, None, None)
            found = keys.own(self._connection, self._tenant, usage)
        if found is None:
            raise LookupError(f"the key for {usage} was retired while it was made")
        return found

    def done(self, effect: str) -> StoredKey | None:
        """The key that an act of this name made or rotated; None where it has not happened."""
        return keys.by_effect(self._connection, self._tenant, effect)

    def private(self, key_id: str, usage: str, version: int | None = None, *, closing: bool = False) -> Any:
        """A private key, as an object of the provider that `crypto.load` gives for its algorithm.

        Args:
            key_id: which key.
            usage: what for; a key for something else is refused.
            version: None takes the one in use. Older ones decrypt and decapsulate, but sign no more.
            closing: to sign about what it signed before, such as that a certificate of it is revoked; a key
                that is retired, and an older version, do that until they are destroyed.

        Raises:
            NotFound: there is no such key, or no such version.
            Conflict: the key is not for this usage, no longer signs, or is destroyed.
            KekError: it does not open.
        """
        return self._opened(self.key(key_id), usage, version, closing=closing)

    def sign(self, key_id: str, message: bytes, context: bytes = b"", *, usage: str = "sign") -> Signed:
        """Sign with the version in use; raises as `private`."""
        return self._sign(self.key(key_id), usage, message, context)

    def trial(self, key_id: str, version: int) -> Signed:
        """A signature over `TRIAL`, which is all that a version not in use signs; raises as `private`."""
        key = self.key(key_id)
        key.check_usage("sign")
        one = key.at(version)
        value = providers.load(find(one.algorithm)).sign(one.algorithm, self._unsealed(key, one), TRIAL, b"")
        return Signed(value, key, one)

    def hold(self, key_id: str) -> None:
        """Let nobody rotate, retire or destroy a key until the caller's transaction ends."""
        keys.share(self._connection, self._tenant, key_id)

    def needs(
        self, key_id: str, act: Act, version: int | None = None, *, changing: Collection[str] = ()
    ) -> list[Need]:
        """Who needs what an act would end, and is not given up; reads only.

        Args:
            key_id: which key.
            act: what is to happen to it.
            version: the one to be destroyed; None is all of them.
            changing: targets whose envelopes a plan re-wraps before.
        """
        ending = Ending.of(self.key(key_id), act, version)
        found = self._guard.needs(self._connection, self._tenant, ending, changing=changing)
        return self._guard.refusing(found, act)

    def uses(self, key_id: str) -> list[Use]:
        """How often and where a key was used."""
        return self._guard.uses(self._connection, self._tenant, self.key(key_id))

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
            Conflict: somebody else rotated or retired it meanwhile, or something needs the version in use.
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
        """Use another version from now on; done again, it does nothing.

        Args:
            key_id: which key.
            version: one whose private key is not destroyed.
            expected: the version in use that this was decided on.

        Raises:
            NotFound: there is no such key.
            Conflict: somebody else rotated or retired it meanwhile, or the version cannot be used, or
                something needs the one in use.
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
        """End new use: it signs no more, and old data stays readable. Done again, it does nothing.

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
        """Hold a key and ask who needs what is about to end, in the transaction of the act.

        Returns:
            What is given up by it, for the audit log.

        Raises:
            Conflict: somebody needs it, who is named.
        """
        keys.hold(self._connection, self._tenant, key_id)
        ending = Ending.of(self.key(key_id), act, version)
        if not ending.versions or (ending.key.state != "active" and act != "destroy"):
            return {}  # it has ended
        given_up = self._guard.check(self._connection, self._tenant, ending)
        return {"abandoned": given_up} if given_up else {}

    def record(self, action: str, subject: str, details: JsonObject) -> None:
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
        value = providers.load(found).sign(found.name, private, message, context)
        return Signed(value, key, key.current)

    def _once(self, effect: str | None, act: Callable[[], str]) -> StoredKey:
        """The key that an act makes or changes, which happens in one transaction, and under one name once."""
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
    """What the operator of this worker declared."""
    return targets.load(load().targets_file)
