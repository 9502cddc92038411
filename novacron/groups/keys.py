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
            algorithm: by the name of its standard, `ML-DSA-65` for instance.
            usage: `sign`, `decrypt` or `decapsulate`; None takes what the algorithm is for.
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
        """Store a private key given as PKCS#8 in PEM, encrypted under a password or not."""
        return _made("import", private_key=private_key, password=password, usage=usage, label=label)

    @operation
    def get(self, key_id: str) -> Flow[Key]:
        """Return a key with the public keys of all its versions.

        Raises:
            NotFound: there is no such key, or it is somebody else's.
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
        """Give a key a new version, of another algorithm where one is named; old versions stay readable.

        Args:
            key_id: which key.
            algorithm: of the new version; None keeps it.
            expected_version: the version in use that this was decided on.
            dry_run: return who needs the key and how often and where it was used; change nothing.

        Raises:
            Conflict: another version is in use, the key is retired, or something that is named needs it.
        """
        wanted = {"algorithm": algorithm, "expected_version": expected_version, "dry_run": dry_run}
        return _changed(key_id, "rotate", **wanted)

    @operation
    def retire(
        self, key_id: str, *, abandon: Sequence[str] = (), dry_run: bool = False
    ) -> Flow[Key | KeyRehearsal]:
        """End the new use of a key; what it signed or sealed stays readable.

        Args:
            key_id: which key.
            abandon: names of objects that need the key and are given up.
            dry_run: return who needs the key and how often and where it was used; change nothing.

        Raises:
            Conflict: something needs it, which is named.
        """
        return _changed(key_id, "retire", dry_run=dry_run, abandon=abandon)

    @operation
    def destroy(
        self, key_id: str, *, version: int | None = None, abandon: Sequence[str] = (), dry_run: bool = False
    ) -> Flow[Key | KeyRehearsal]:
        """Erase the private keys of a retired key, or of one version that is no longer in use.

        Args:
            key_id: which key.
            version: the one to be erased; None is all of them.
            abandon: as for `retire`.
            dry_run: as for `retire`.

        Raises:
            Conflict: it is in use, or something needs it, which is named.
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
    told = yield from call(post(path, given(wanted), idempotency_key()))
    return KeyRehearsal(told) if told.get("dry_run") else Key(told)
