"""The envelopes of a folder, and the two versions of a key between which a migration moves them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from novacron.algorithms import find
from novacron.crypto import Header, Identity, PublicKey, Recipient
from shared.db.crypto.needs import Need
from workers.crypto import providers
from workers.crypto.migration import folder
from workers.crypto.migration.action import Pace
from workers.crypto.migration.executors.version import VersionAction
from workers.crypto.migration.part import Part
from workers.crypto.migration.targets import Envelopes
from workers.crypto.providers.base import Provider


class SealedFolder:
    """A folder's envelopes, and both versions of their key: as recipients, and as identities.

    Args:
        action: the part of a plan, with its key and versions.
    """

    def __init__(self, action: VersionAction) -> None:
        self._action = action
        self._part: Part[Envelopes] = action.part

    def path(self, name: str) -> Path:
        """Return an envelope's path."""
        return self._part.target.folder / name

    @cached_property
    def recipients(self) -> dict[int, Recipient]:
        """Both versions, as recipients."""
        key, key_id = self._action.key, self._action.key_id
        return {
            one.version: Recipient(PublicKey(one.algorithm, one.public_key), f"{key_id}/{one.version}")
            for one in (key.at(self._action.old), key.at(self._action.new))
        }

    @cached_property
    def called(self) -> dict[int, frozenset[str]]:
        """Names by which envelopes may refer to each version."""
        return {
            version: frozenset({one.name, one.public.fingerprint}) for version, one in self.recipients.items()
        }

    def identity(self, version: int, provider: Provider | None = None) -> Identity:
        """Return a version as identity to open with, by the preferred provider or another."""
        found = find(self._action.key.at(version).algorithm)
        first = providers.load(found)
        private = self._part.store.private(self._action.key_id, "decrypt", version)
        judge = provider or first
        if judge is not first:
            private = judge.load_private(found.name, first.private_bytes(found.name, private))
        names, name = self.called[version], found.name
        return Identity(name, names, lambda sealed, info: judge.open(name, private, sealed, info))

    @cached_property
    def by_old(self) -> Identity:
        """The old version, as identity."""
        return self.identity(self._action.old)

    @cached_property
    def by_new(self) -> Identity:
        """The new version, as identity."""
        return self.identity(self._action.new)

    @cached_property
    def by_new_elsewhere(self) -> tuple[str, Identity]:
        """The new version as identity of a second provider, if there is one, with the provider's name."""
        found = find(self._action.key.at(self._action.new).algorithm)
        judge = providers.second(found) or providers.load(found)
        return judge.name, self.identity(self._action.new, judge)

    def for_version(self, version: int) -> dict[str, Header]:
        """Return the envelopes that a version can open."""
        names = self.called[version]
        return {
            name: one for name, one in folder.headers(self._part.target).items() if names & {*one.key_ids}
        }

    def rest(self) -> dict[str, Header]:
        """Return the envelopes that only the old version can open."""
        done = self.for_version(self._action.new)
        return {name: one for name, one in self.for_version(self._action.old).items() if name not in done}

    def add_new(self, names: Iterable[str], pace: Pace) -> None:
        """Add the new version as recipient unless it is one."""
        for name in names:
            pace.check()
            if not self.called[self._action.new] & {*folder.header(self.path(name)).key_ids}:
                folder.change(self.path(name), self.by_old, add=[self.recipients[self._action.new]])

    def check(self, names: Iterable[str], identity: Identity, pace: Pace) -> int:
        """Open each of them; return their number.

        Raises:
            ProofError: one does not open.
        """
        count = 0
        for name in names:
            pace.check()
            folder.check_opens(self.path(name), identity)
            count += 1
        return count

    def put_back(self, names: Iterable[str]) -> list[str]:
        """Restore the old version as the only recipient of these envelopes; return a description."""
        old, new, count = self._action.old, self._action.new, 0
        for name in names:
            here = {*folder.header(self.path(name)).key_ids}
            if not self.called[old] & here:
                folder.change(self.path(name), self.by_new, add=[self.recipients[old]])
            folder.change(self.path(name), self.by_old, drop=sorted(self.called[new] & here))
            count += 1
        where, whom = self._part.target.folder, self.recipients[old].name
        return [f"envelopes in {where} that are for {whom} only again: {count}"] if count else []


def lost(part: Part[Envelopes]) -> list[Need]:
    """Return the envelopes that the plan counts but that are missing; an unmounted folder is empty."""
    target, counted = part.target, part.counted
    if (there := len(folder.headers(target))) >= counted:
        return []
    why = f"holds {there} envelopes, and the plan counts {counted}"
    cure = "mount it, or bring back what is missing"
    return part.guard.refusing([Need("folder", str(target.folder), why, cure)])
