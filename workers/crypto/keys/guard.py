"""The single guard of stored keys: before anything is destroyed, it finds out what still needs it.

It queries rows (`shared.db.crypto.needs`), then every target that the operator declared: those whose next
certificate is issued by the key's CA, and envelopes that only a version of the key opens.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from novacron.crypto import PublicKey
from novacron.errors import Conflict, NotFound
from shared.db.crypto import certificates, keys, needs, uses
from shared.db.crypto.keys import KeyVersion, StoredKey
from shared.db.crypto.needs import Act, Ending, Need
from shared.db.crypto.uses import Use
from shared.db.session import Connection
from workers.crypto.migration.entries import Entry, entries
from workers.crypto.migration.targets import Target

REMAINS = "copies of the database made before still contain it, sealed by the KEK of that time"
"""Copies that remain elsewhere after a private key is erased from the store."""
SHOWN = 5
"""Number of files of a folder that are listed; the others are counted."""


def names_of(key: StoredKey, version: KeyVersion) -> frozenset[str]:
    """Return the names by which envelopes may refer to a version of a key."""
    fingerprint = PublicKey(version.algorithm, version.public_key).fingerprint
    return frozenset({f"{key.key_id}/{version.version}", fingerprint})


@dataclass(frozen=True, slots=True)
class Guard:
    """Finds the dependents of stored keys, on behalf of a plan or job.

    Attributes:
        targets: returns the operator's declarations; called only if something is to be ended.
        plan_id: the calling plan, whose own changes do not count.
        job_id: the calling job.
        abandoned: names of objects given up although they need the key.
    """

    targets: Callable[[], Mapping[str, Target]] = dict
    plan_id: str = ""
    job_id: str = ""
    abandoned: frozenset[str] = frozenset()

    def needs(
        self, connection: Connection, tenant_id: int, ending: Ending, *, changing: Collection[str] = ()
    ) -> list[Need]:
        """Return everything that needs the key versions about to end.

        Args:
            connection: inside the transaction of the action.
            tenant_id: the owning tenant.
            ending: the versions about to end.
            changing: names of targets whose envelopes a plan re-wraps first: only envelopes it leaves alone
                are reported.
        """
        found = needs.of(connection, tenant_id, ending, plan_id=self.plan_id, job_id=self.job_id)
        for name, target in self.targets().items():
            found += _declared(name, target, ending)
            found += _issued(connection, tenant_id, name, target, ending)
            if ending.act == "destroy" and ending.key.usage == "decrypt":
                found += _Sealed(connection, tenant_id, ending, name).needs(target, name in changing)
        return found

    def check(self, connection: Connection, tenant_id: int, ending: Ending) -> list[str]:
        """Check that the versions may end; return the names of abandoned objects.

        Raises:
            Conflict: something needs them; the message names it.
        """
        found = self.needs(connection, tenant_id, ending)
        if refusing := self.refusing(found, ending.act):
            raise Conflict(ending.refusal(refusing))
        return sorted({need.name for need in found})

    def refusing(self, found: Collection[Need], act: Act = "destroy") -> list[Need]:
        """Return the needs that block the action: those not abandoned; for a rotation, all of them."""
        return [need for need in found if act == "rotate" or need.name not in self.abandoned]

    def uses(self, connection: Connection, tenant_id: int, key: StoredKey) -> list[Use]:
        """Return the uses of a key: from rows, and from the envelopes in declared folders."""
        found = uses.of(connection, tenant_id, key)
        if key.usage == "decrypt":
            names = frozenset[str]().union(*(names_of(key, one) for one in key.versions))
            for target in self.targets().values():
                for folder, pattern in target.uses.folders:
                    there = entries(folder, pattern) if folder.is_dir() else ()
                    if count := sum(bool(one.header and names & {*one.header.key_ids}) for one in there):
                        found.append(Use("sealed for by envelopes", f"in {folder}", count, None))
        return found


def _declared(name: str, target: Target, ending: Ending) -> Iterator[Need]:
    if ending.act == "retire" and ending.key.key_id in target.uses.keys:
        cure = f"remove [targets.{name}] from the targets file first"
        yield Need("target", name, "is declared with this key, to be used further on", cure)


def _issued(
    connection: Connection, tenant_id: int, name: str, target: Target, ending: Ending
) -> Iterator[Need]:
    for issuer in target.uses.issuers:
        ca = certificates.find(connection, tenant_id, issuer)
        if ca is None or ca.key_id != ending.key.key_id or ca.key_version not in ending.versions:
            continue
        if ca.revoked_at is None and ca.x509.not_valid_after_utc > datetime.now(UTC):
            cure = f"name another issuer in [targets.{name}]"
            yield Need("target", name, f"has its next certificate issued by {issuer}", cure)


class _Sealed:
    """The envelopes of a target, checked for those that only one version of a key opens."""

    def __init__(self, connection: Connection, tenant_id: int, ending: Ending, name: str) -> None:
        self._connection, self._tenant = connection, tenant_id
        self._ending, self._name, key = ending, name, ending.key
        self._gone = frozenset[str]().union(
            *(names_of(key, one) for one in key.versions if one.version in ending.versions)
        )
        self._others: dict[str, bool] = {
            called: one.destroyed_at is None
            for one in key.versions if one.version not in ending.versions
            for called in names_of(key, one)
        }  # fmt: skip

    def needs(self, target: Target, changing: bool) -> Iterator[Need]:
        known = target.uses.keys
        possible = not known or self._ending.key.key_id in known
        for folder, pattern in target.uses.folders:
            if folder.is_dir():
                found = [one for one in entries(folder, pattern) if self._last(one)]
                yield from self._told([one for one in found if one.header or possible], changing)
            elif possible:
                cure = f"mount it, or take [targets.{self._name}] out of the targets file"
                yield Need("target", self._name, f"has envelopes in {folder}, which is not there", cure)

    def _told(self, found: list[Entry], changing: bool) -> Iterator[Need]:
        plain = [one.path for one in found if not one.trouble]
        if plain and not changing:
            versions = " and ".join(map(str, sorted(self._ending.versions)))
            why = f"holds {len(plain)} envelopes that open with version {versions} only, such as {plain[0]}"
            cure = "plan its migration to another version, or re-wrap them: novacron crypto rewrap"
            yield Need("target", self._name, why, cure)
        odd = [one for one in found if one.trouble]
        for one in odd[:SHOWN]:
            why = "opens with nothing else" if one.header else "may be for this key"
            cure = "re-wrap it or remove it" if one.header else "make it readable or remove it"
            yield Need("file", str(one.path), f"{one.trouble}, and {why}", cure)
        if more := odd[SHOWN:]:
            why = f"holds {len(more)} more of these, such as {more[0].path}"
            yield Need("target", self._name, why, "resolve those first")

    def _last(self, entry: Entry) -> bool:
        """Return whether an entry needs the ending version: no other key opens it, or this is unknown."""
        if entry.header is None:
            return True
        theirs = frozenset(entry.header.key_ids)
        return bool(self._gone & theirs) and not any(self._opens(name) for name in theirs - self._gone)

    def _opens(self, name: str) -> bool:
        """Return whether a recipient is a stored key with an available private key."""
        if name not in self._others:
            self._others[name] = self._stored(name)
        return self._others[name]

    def _stored(self, name: str) -> bool:
        key_id, _, version = name.partition("/")
        key = keys.find(self._connection, self._tenant, key_id) if version.isdecimal() else None
        try:
            return key is not None and key.at(int(version)).destroyed_at is None
        except NotFound:
            return False
