"""A folder of envelopes whose key migrates to another algorithm.

Every envelope gets the new version of the key as an additional recipient, and loses the old one only when the
migration retires it: until then both open every envelope.
"""

from __future__ import annotations

import math
from functools import cached_property

from shared.db.crypto.needs import Need
from workers.crypto.keys.guard import SHOWN
from workers.crypto.migration import folder
from workers.crypto.migration.action import Action, Checkpoint, Evidence, Pace, ProofError
from workers.crypto.migration.executors.sealed import SealedFolder, lost
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.executors.version import Add, Erase, Use, VersionAction
from workers.crypto.migration.part import Part
from workers.crypto.migration.targets import Envelopes
from workers.runtime.outcome import UserError


def key_of(part: Part[Envelopes]) -> str:
    """Return the stored key, of the old algorithm, that the folder's envelopes are sealed for.

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


class OfFolder(VersionAction):
    """Base class of actions on the envelopes alone, which leave the key unchanged."""

    @cached_property
    def sealed(self) -> SealedFolder:
        """The folder."""
        return SealedFolder(self)


class Beside(Add):
    """The next version, beside the one that the envelopes are sealed for."""

    def needs(self) -> list[Need]:
        """Return dependents of the current version, missing envelopes, and hard links to old headers."""
        return [*super().needs(), *lost(self.part), *self.hidden()]

    def hidden(self) -> list[Need]:
        """Return envelopes with hard links outside the declared folders."""
        guard, own = self.part.guard, self.part.target.folder
        folders = {folder for one in guard.targets().values() for folder, _ in one.uses.folders} | {own}
        cure = "declare the folder that has them, or remove them"
        found = [
            Need("file", str(path), f"has {count} more names (hard links) in no declared folder", cure)
            for path, count in folder.hidden(self.part.target, folders).items()
        ]
        return guard.refusing(found[:SHOWN])


class Readers(OfFolder):
    """Readers can open both: every envelope opens with the old version, and the new one passes a trial."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [
            f"open every envelope in {self.part.target.folder} with key {self.key_id}, to know that it can be"
        ]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that all of them open."""
        return {"opened": self.sealed.check(self.sealed.for_version(self.old), self.sealed.by_old, pace)}


class Canary(OfFolder):
    """A canary share of the envelopes."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        share = f"{self._share():.0%} of the envelopes in {self.part.target.folder}"
        return [f"re-wrap the first {share} for the {self.part.new} version of key {self.key_id} as well"]

    def _share(self) -> float:
        return float(self.part.step.get("canary") or 0.05)

    def capture(self) -> Checkpoint:
        """Select the envelopes: a share, or a number if it is 1 or more."""
        names, share = list(self.sealed.rest()), self._share()
        chosen = math.ceil(share * len(names)) if share < 1 else int(share)
        return {**super().capture(), "files": names[:chosen]}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Re-wrap them."""
        self.sealed.add_new(before["files"], pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that both versions open them, the new one also with a second provider."""
        judge, elsewhere = self.sealed.by_new_elsewhere
        self.sealed.check(before["files"], self.sealed.by_old, pace)
        return {"rewrapped": self.sealed.check(before["files"], elsewhere, pace), "verified_by": judge}

    def restore(self, before: Checkpoint) -> list[str]:
        """Remove the new version from them."""
        mine = self.sealed.for_version(self.new)
        return self.sealed.put_back(name for name in before["files"] if name in mine)


class Switch(Use):
    """Producers seal for the new version."""

    @cached_property
    def sealed(self) -> SealedFolder:
        """The folder."""
        return SealedFolder(self)

    def restore(self, before: Checkpoint) -> list[str]:
        """Make the old version current again, and a recipient of envelopes sealed for the new one only."""
        lines = super().restore(before)
        mine = {*self.sealed.for_version(self.new)} - {*self.sealed.for_version(self.old)}
        return [*lines, *self.sealed.put_back(mine)]


class Rewrap(OfFolder):
    """All remaining envelopes."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        count = len(folder.headers(self.part.target))
        return [
            f"re-wrap the rest of the {count} envelopes in {self.part.target.folder}"
            f" for the {self.part.new} version of key {self.key_id} as well"
        ]

    def capture(self) -> Checkpoint:
        """Record the envelopes that the new version can already open, and their total number."""
        done = self.sealed.for_version(self.new)
        count = len(self.sealed.for_version(self.old) | done)
        return {**super().capture(), "done": sorted(done), "count": count}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Re-wrap them, including those created meanwhile."""
        while rest := self.sealed.rest():
            self.sealed.add_new(rest, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that none is missing and both versions open all that existed before."""
        both = self.sealed.for_version(self.new).keys() & self.sealed.for_version(self.old).keys()
        judge, elsewhere = self.sealed.by_new_elsewhere
        self.sealed.check(sorted(both), self.sealed.by_old, pace)
        count = self.sealed.check(self.sealed.for_version(self.new), elsewhere, pace)
        if count < before["count"]:
            raise ProofError(f"{self.part.target.folder} held {before['count']} envelopes and now {count}")
        return {"envelopes": count, "verified_by": judge}

    def restore(self, before: Checkpoint) -> list[str]:
        """Remove the new version from all envelopes that did not have it."""
        kept = {*before["done"]}
        return self.sealed.put_back(name for name in self.sealed.for_version(self.new) if name not in kept)


class Validate(Rewrap):
    """Every envelope opens with the new version, using a second provider."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [f"open every envelope in {self.part.target.folder} with both versions of key {self.key_id}"]

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Do nothing."""

    def restore(self, before: Checkpoint) -> list[str]:
        """Do nothing."""
        return []

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that no envelope is left that only the old version opens."""
        if rest := self.sealed.rest():
            raise ProofError(
                f"{len(rest)} envelopes open with the old version only, such as {next(iter(rest))}"
            )
        return super().prove(before, pace)


class Retire(Erase):
    """The old version opens nothing any more, and is erased."""

    @cached_property
    def sealed(self) -> SealedFolder:
        """The folder."""
        return SealedFolder(self)

    def needs(self) -> list[Need]:
        """Return dependents of the old version, also files left alone here, and missing envelopes."""
        return [*super().needs(), *lost(self.part)]

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [
            f"remove the {self.part.old} version of key {self.key_id} from every envelope in"
            f" {self.part.target.folder}", *Erase.lines(self),
        ]  # fmt: skip

    def capture(self) -> Checkpoint:
        """Record the current version.

        Raises:
            UserError: an envelope opens with the old version only.
        """
        if rest := self.sealed.rest():
            one = next(iter(rest))
            raise UserError(f"{len(rest)} envelopes open with the old version only, such as {one}")
        return super().capture()

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Remove it from envelopes that the new version opens."""
        gone = self.sealed.called[self.old]
        for name, header in self.sealed.for_version(self.old).items():
            pace.check()
            folder.change(self.sealed.path(name), self.sealed.by_new, drop=sorted(gone & {*header.key_ids}))

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that the new version opens everything, also with a second provider."""
        judge, elsewhere = self.sealed.by_new_elsewhere
        if left := self.sealed.for_version(self.old):
            raise ProofError(f"{len(left)} envelopes are still for the old version")
        if missing := lost(self.part):
            raise ProofError(str(missing[0]))
        count = self.sealed.check(self.sealed.for_version(self.new), elsewhere, pace)
        return {"envelopes": count, "verified_by": judge, **super().prove(before, pace)}

    def restore(self, before: Checkpoint) -> list[str]:
        """Make the old version a recipient again; it is erased only when the step is completed."""
        old = self.sealed.called[self.old]
        missing = [
            name for name, one in self.sealed.for_version(self.new).items() if not old & {*one.key_ids}
        ]
        for name in missing:
            folder.change(self.sealed.path(name), self.sealed.by_new, add=[self.sealed.recipients[self.old]])
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
    """Return the action for the folder."""
    kind = STEPS.get(str(part.step["type"]))
    return kind(part, key_of(part)) if kind else Still()
