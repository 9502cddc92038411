"""A folder of envelopes whose key goes over to another algorithm.

Every envelope gets the new version of the key as one more recipient, and loses the old one only when the
migration retires it: until then both open every envelope.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from novacron.algorithms import find
from novacron.crypto import Header, Identity, PublicKey, Recipient
from shared.db.crypto.needs import Need
from workers.crypto import providers
from workers.crypto.keys.guard import SHOWN
from workers.crypto.migration import folder
from workers.crypto.migration.action import Action, Checkpoint, Pace, ProofError
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.executors.version import Add, Erase, Use, VersionAction
from workers.crypto.migration.part import Part
from workers.crypto.migration.targets import Envelopes
from workers.crypto.providers.base import Provider
from workers.runtime.outcome import UserError


def key_of(part: Part[Envelopes]) -> str:
    """The stored key, of the algorithm to be left, that the folder's envelopes are sealed for.

    Raises:
        UserError: there is none, or more than one.
    """
    if part.target.key_id:
        return part.target.key_id
    if known := part.facts.get("key_id"):
        return str(known)
    named = {name.partition("/")[0] for one in folder.headers(part.target).values() for name in one.key_ids}
    found = sorted(name for name in named if name.startswith("key_") and part.key(name).algorithm == part.old)
    if len(found) != 1:
        raise UserError(
            f"the envelopes in {part.target.folder} name {len(found)} {part.old} keys of the store"
            f" ({', '.join(found) or 'none'}): say which one by key_id in targets.{part.target.name}"
        )
    return found[0]


class Sealed(VersionAction):
    """The base: both versions as recipients and as those who open.

    Args:
        part: what it is about.
        key_id: the key whose versions they are.
    """

    part: Part[Envelopes]

    def path(self, name: str) -> Path:
        """An envelope."""
        return self.part.target.folder / name

    @cached_property
    def recipients(self) -> dict[int, Recipient]:
        """Both versions, to be sealed for."""
        key = self.key
        return {
            one.version: Recipient(PublicKey(one.algorithm, one.public_key), f"{self.key_id}/{one.version}")
            for one in (key.at(self.old), key.at(self.new))
        }

    @cached_property
    def called(self) -> dict[int, frozenset[str]]:
        """What envelopes may call both versions."""
        return {
            version: frozenset({one.name, one.public.fingerprint}) for version, one in self.recipients.items()
        }

    def identity(self, version: int, provider: Provider | None = None) -> Identity:
        """A version, to open with: by the preferred provider, or by another."""
        found = find(self.key.at(version).algorithm)
        first = providers.load(found)
        private = self.part.store.private(self.key_id, "decrypt", version)
        judge = provider or first
        if judge is not first:
            private = judge.load_private(found.name, first.private_bytes(found.name, private))
        names, name = self.called[version], found.name
        return Identity(name, names, lambda sealed, info: judge.open(name, private, sealed, info))

    @cached_property
    def by_old(self) -> Identity:
        """The old version, to open with."""
        return self.identity(self.old)

    @cached_property
    def by_new(self) -> Identity:
        """The new version, to open with."""
        return self.identity(self.new)

    @cached_property
    def by_new_elsewhere(self) -> tuple[str, Identity]:
        """The new version in the hands of a second provider, if there is one, and the provider's name."""
        found = find(self.key.at(self.new).algorithm)
        judge = providers.second(found) or providers.load(found)
        return judge.name, self.identity(self.new, judge)

    def for_version(self, version: int) -> dict[str, Header]:
        """The envelopes that a version can open."""
        names = self.called[version]
        return {name: one for name, one in folder.headers(self.part.target).items() if names & {*one.key_ids}}

    def rest(self) -> dict[str, Header]:
        """The envelopes that only the old version can open."""
        done = self.for_version(self.new)
        return {name: one for name, one in self.for_version(self.old).items() if name not in done}

    def missing(self) -> list[Need]:
        """The envelopes that the plan counts and nobody finds; a folder that is not mounted is empty."""
        target, counted = self.part.target, self.part.counted
        if (there := len(folder.headers(target))) >= counted:
            return []
        why = f"holds {there} envelopes, and the plan counts {counted}"
        cure = "mount it, or bring back what is missing"
        return self.part.guard.refusing([Need("folder", str(target.folder), why, cure)])

    def add_new(self, names: Iterable[str], pace: Pace) -> None:
        """Make the new version a recipient too, where it is none yet."""
        for name in names:
            pace.check()
            if not self.called[self.new] & {*folder.header(self.path(name)).key_ids}:
                folder.change(self.path(name), self.by_old, add=[self.recipients[self.new]])

    def check(self, names: Iterable[str], identity: Identity, pace: Pace) -> int:
        """Open each of them; returns how many.

        Raises:
            ProofError: one does not open.
        """
        count = 0
        for name in names:
            pace.check()
            folder.check_opens(self.path(name), identity)
            count += 1
        return count

    def take_back(self, names: Iterable[str]) -> int:
        """Let only the old version open these; where it could not, it can again. Returns how many."""
        count = 0
        for name in names:
            here = {*folder.header(self.path(name)).key_ids}
            if not self.called[self.old] & here:
                folder.change(self.path(name), self.by_new, add=[self.recipients[self.old]])
            folder.change(self.path(name), self.by_old, drop=sorted(self.called[self.new] & here))
            count += 1
        return count

    def restored(self, count: int) -> list[str]:
        """What `take_back` did, in words."""
        where, whom = self.part.target.folder, self.recipients[self.old].name
        return [f"envelopes in {where} that are for {whom} only again: {count}"] if count else []


class Beside(Add, Sealed):
    """The next version, beside the one that the envelopes are sealed for."""

    def needs(self) -> list[Need]:
        """Whoever needs the version in use, what is missing, and names that keep the old version alone."""
        return [*super().needs(), *self.missing(), *self.hidden()]

    def hidden(self) -> list[Need]:
        """Envelopes whose further names (hard links) are in no declared folder."""
        guard, own = self.part.guard, self.part.target.folder
        folders = {folder for one in guard.targets().values() for folder, _ in one.uses.folders} | {own}
        cure = "declare the folder that has them, or remove them"
        found = [
            Need("file", str(path), f"has {count} more names (hard links) in no declared folder", cure)
            for path, count in folder.hidden(self.part.target, folders).items()
        ]
        return guard.refusing(found[:SHOWN])


class Readers(Sealed):
    """Readers can open both: every envelope opens by the old version, and the new one is tried out."""

    def lines(self) -> list[str]:
        """What it would do."""
        return [
            f"open every envelope in {self.part.target.folder} with key {self.key_id}, to know that it can be"
        ]

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """All of them open."""
        return {"opened": self.check(self.for_version(self.old), self.by_old, pace)}


class Canary(Sealed):
    """The first part of the envelopes."""

    def lines(self) -> list[str]:
        """What it would do."""
        share = f"{self._share():.0%} of the envelopes in {self.part.target.folder}"
        return [f"re-wrap the first {share} for the {self.part.new} version of key {self.key_id} as well"]

    def _share(self) -> float:
        return float(self.part.step.get("canary") or 0.05)

    def capture(self) -> Checkpoint:
        """Which envelopes are chosen: a share, or a number where it is not below 1."""
        names, share = list(self.rest()), self._share()
        chosen = math.ceil(share * len(names)) if share < 1 else int(share)
        return {**super().capture(), "files": names[:chosen]}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Re-wrap them."""
        self.add_new(before["files"], pace)

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """Both versions open them, the new one by a second provider too."""
        judge, elsewhere = self.by_new_elsewhere
        self.check(before["files"], self.by_old, pace)
        return {"rewrapped": self.check(before["files"], elsewhere, pace), "verified_by": judge}

    def restore(self, before: Checkpoint) -> list[str]:
        """Take the new version out of them."""
        mine = self.for_version(self.new)
        return self.restored(self.take_back(name for name in before["files"] if name in mine))


class Switch(Use, Sealed):
    """Whoever seals gets the new version."""

    def restore(self, before: Checkpoint) -> list[str]:
        """Use the old version again, and make it a recipient of what was sealed for the new one alone."""
        lines = super().restore(before)
        old = self.for_version(self.old)
        return [*lines, *self.restored(self.take_back(set(self.for_version(self.new)) - set(old)))]


class Rewrap(Sealed):
    """All the others."""

    def lines(self) -> list[str]:
        """What it would do."""
        count = len(folder.headers(self.part.target))
        return [
            f"re-wrap the rest of the {count} envelopes in {self.part.target.folder}"
            f" for the {self.part.new} version of key {self.key_id} as well"
        ]

    def capture(self) -> Checkpoint:
        """Which envelopes the new version can open already, and how many there are."""
        done = self.for_version(self.new)
        return {**super().capture(), "done": sorted(done), "count": len(self.for_version(self.old) | done)}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Re-wrap them, and those that came meanwhile."""
        while rest := self.rest():
            self.add_new(rest, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """None is missing, both versions open all that were there before."""
        both = self.for_version(self.new).keys() & self.for_version(self.old).keys()
        judge, elsewhere = self.by_new_elsewhere
        self.check(sorted(both), self.by_old, pace)
        count = self.check(self.for_version(self.new), elsewhere, pace)
        if count < before["count"]:
            raise ProofError(f"{self.part.target.folder} held {before['count']} envelopes and now {count}")
        return {"envelopes": count, "verified_by": judge}

    def restore(self, before: Checkpoint) -> list[str]:
        """Take the new version out of all that did not have it."""
        kept = {*before["done"]}
        return self.restored(self.take_back(name for name in self.for_version(self.new) if name not in kept))


class Validate(Rewrap):
    """Every envelope opens with the new version, by a second provider."""

    def lines(self) -> list[str]:
        """What it would do."""
        return [f"open every envelope in {self.part.target.folder} with both versions of key {self.key_id}"]

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Nothing."""

    def restore(self, before: Checkpoint) -> list[str]:
        """Nothing."""
        return []

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """None is left that only the old version opens."""
        if rest := self.rest():
            raise ProofError(
                f"{len(rest)} envelopes open with the old version only, such as {next(iter(rest))}"
            )
        return super().prove(before, pace)


class Retire(Erase, Sealed):
    """The old version can open nothing any more, and is erased."""

    def needs(self) -> list[Need]:
        """Whoever needs the old version, also what this migration leaves alone, and what is missing."""
        return [*super().needs(), *self.missing()]

    def lines(self) -> list[str]:
        """What it would do."""
        return [
            f"take the {self.part.old} version of key {self.key_id} out of every envelope in"
            f" {self.part.target.folder}", *Erase.lines(self),
        ]  # fmt: skip

    def capture(self) -> Checkpoint:
        """Which version is in use.

        Raises:
            UserError: an envelope opens with the old version only.
        """
        if rest := self.rest():
            one = next(iter(rest))
            raise UserError(f"{len(rest)} envelopes open with the old version only, such as {one}")
        return super().capture()

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Take it out, where the new version opens the envelope."""
        gone = self.called[self.old]
        for name, header in self.for_version(self.old).items():
            pace.check()
            folder.change(self.path(name), self.by_new, drop=sorted(gone & {*header.key_ids}))

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """The new version opens everything, by a second provider too."""
        judge, elsewhere = self.by_new_elsewhere
        if left := self.for_version(self.old):
            raise ProofError(f"{len(left)} envelopes are still for the old version")
        if missing := self.missing():
            raise ProofError(str(missing[0]))
        count = self.check(self.for_version(self.new), elsewhere, pace)
        return {"envelopes": count, "verified_by": judge, **Erase.prove(self, before, pace)}

    def restore(self, before: Checkpoint) -> list[str]:
        """Make the old version a recipient again; it is erased only when the step is done."""
        old = self.called[self.old]
        missing = [name for name, one in self.for_version(self.new).items() if not old & {*one.key_ids}]
        for name in missing:
            folder.change(self.path(name), self.by_new, add=[self.recipients[self.old]])
        return [f"envelopes in {self.part.target.folder} that are for both versions again: {len(missing)}"]


STEPS: dict[str, type[VersionAction]] = {
    "prepare": Beside,
    "enable_readers": Readers,
    "enable_verifiers": Readers,
    "canary": Canary,
    "switch": Switch,
    "rewrap": Rewrap,
    "validate": Validate,
    "retire": Retire,
}


def action(part: Part[Envelopes]) -> Action:
    """What a step does to the folder."""
    kind = STEPS.get(str(part.step["type"]))
    return kind(part, key_of(part)) if kind else Still()
