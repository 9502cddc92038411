"""`client.keys`: keys in the store."""

from __future__ import annotations

from collections.abc import Sequence

from novacron._transport.flows import Flow, call, given, idempotency_key
from novacron._transport.http import get, post, segment
from novacron.answers.answer import Listing
from novacron.answers.key import Key, KeyRehearsal
from novacron.groups.group import AnyClient, Group, answered, operation, rows

KEYS = "/api/crypto/keys"


class Keys(Group[AnyClient]):
    """Keys in the store; private keys never leave it."""

    @operation
    def generate(self, algorithm: str, *, usage: str | None = None, label: str | None = None) -> Flow[Key]:
        """Generate a key.

        Args:
            algorithm: name from its standard, for example `ML-DSA-65`.
            usage: `sign`, `decrypt` or `decapsulate`; by default the algorithm's own.
            label: name in listings.
        """
        return _made("generate", algorithm=algorithm, usage=usage, label=label)

    @operation
    def import_(
        self,
        private_key: str,
        *,
        password: str | None = None,
        usage: str | None = None,
        label: str | None = None,
    ) -> Flow[Key]:
        """Import a private key given as PKCS#8 in PEM, optionally encrypted."""
        return _made("import", private_key=private_key, password=password, usage=usage, label=label)

    @operation
    def get(self, key_id: str) -> Flow[Key]:
        """Return a key with the public keys of all its versions.

        Raises:
            NotFound: there is no such key, or it belongs to another tenant.
        """
        return answered(Key, call(get(f"{KEYS}/{segment(key_id)}")))

    @operation
    def rotate(
        self,
        key_id: str,
        *,
        algorithm: str | None = None,
        expected_version: int | None = None,
        dry_run: bool = False,
    ) -> Flow[Key | KeyRehearsal]:
        """Create a new version of a key, optionally of another algorithm; old versions stay readable.

        Args:
            key_id: id of the key.
            algorithm: algorithm of the new version; None keeps it.
            expected_version: current version that this decision is based on.
            dry_run: return the key's dependents and recorded uses; change nothing.

        Raises:
            Conflict: another version is current, the key is retired, or the named objects depend on it.
        """
        wanted = {"algorithm": algorithm, "expected_version": expected_version, "dry_run": dry_run}
        return _changed(key_id, "rotate", **wanted)

    @operation
    def retire(
        self, key_id: str, *, abandon: Sequence[str] = (), dry_run: bool = False
    ) -> Flow[Key | KeyRehearsal]:
        """Retire a key; what it signed or encrypted stays readable.

        Args:
            key_id: id of the key.
            abandon: names of objects that depend on the key and are abandoned.
            dry_run: return the key's dependents and recorded uses; change nothing.

        Raises:
            Conflict: the named objects depend on it.
        """
        return _changed(key_id, "retire", dry_run=dry_run, abandon=abandon)

    @operation
    def destroy(
        self, key_id: str, *, version: int | None = None, abandon: Sequence[str] = (), dry_run: bool = False
    ) -> Flow[Key | KeyRehearsal]:
        """Erase the private keys of a retired key, or of one version that is no longer current.

        Args:
            key_id: id of the key.
            version: version to erase; None erases all.
            abandon: as for `retire`.
            dry_run: as for `retire`.

        Raises:
            Conflict: it is in use, or the named objects depend on it.
        """
        return _changed(key_id, "destroy", version=version, abandon=abandon, dry_run=dry_run)

    @operation
    def list(self, *, limit: int = 50) -> Flow[Listing[Key]]:
        """List the tenant's keys, newest first."""
        return rows(Key, KEYS, "keys", limit)

    __call__ = list


def _made(how: str, **wanted: object) -> Flow[Key]:
    return answered(Key, call(post(f"{KEYS}/{how}", given(wanted), idempotency_key())))


def _changed(key_id: str, change: str, **wanted: object) -> Flow[Key | KeyRehearsal]:
    path = f"{KEYS}/{segment(key_id)}/{change}"
    answer = yield from call(post(path, given(wanted), idempotency_key()))
    return KeyRehearsal(answer) if answer.get("dry_run") else Key(answer)
