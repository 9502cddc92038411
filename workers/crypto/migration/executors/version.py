"""A key of the store that goes over to another algorithm.

The next version is made beside the one in use, then used in its place, then the old private key is erased.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from shared.db.crypto import steps
from shared.db.crypto.keys import StoredKey
from shared.db.crypto.needs import Need
from workers.crypto.keys.guard import REMAINS
from workers.crypto.migration.action import Checkpoint, Evidence, Pace
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.part import Part


class VersionAction(Still):
    """The base: which key, and which versions of it.

    Args:
        part: what it is about.
        key_id: the key.
    """

    def __init__(self, part: Part[Any], key_id: str) -> None:
        self.part = part
        self.key_id = key_id

    @property
    def key(self) -> StoredKey:
        """The key as it is now."""
        return self.part.key(self.key_id)

    @cached_property
    def old(self) -> int:
        """The version that is left."""
        return int(self.part.facts["old_version"])

    @cached_property
    def new(self) -> int:
        """The version that is taken up."""
        return int(self.part.facts["new_version"])

    def capture(self) -> Checkpoint:
        """Which version is in use."""
        return {"key_id": self.key_id, "version": self.key.version}


class Add(VersionAction):
    """The next version, of the new algorithm, not used yet."""

    def lines(self) -> list[str]:
        """What it would do."""
        key = self.key
        return [
            f"make version {len(key.versions) + 1} of key {key.key_id}, {self.part.new},"
            f" beside version {key.version}, {key.algorithm}, which stays in use"
        ]

    def needs(self) -> list[Need]:
        """Who could not do with another version in use, which is what all of this leads to."""
        return self.part.store.needs(self.key_id, "rotate")

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Make it, once, and leave the version in use where it is: all of that in one transaction."""
        last = before["version"]
        if self.part.facts.get("old_version") == last:
            return
        with self.part.holder.connection.transaction():
            steps.hold(self.part.holder.connection, self.key_id)
            old, new = self._made_for_another() or (last, self._next(last))
            self.part.note(key_id=self.key_id, old_version=old, new_version=new)

    def _next(self, last: int) -> int:
        made = self.part.store.rotate(
            self.key_id, algorithm=self.part.new, expected=last, effect=f"{self.part.mark}:{last}"
        )
        self.part.store.use(self.key_id, last, expected=made.version)
        return made.version

    def _made_for_another(self) -> tuple[int, int] | None:
        """Both versions, where another component of the plan has the same key: it has one next version."""
        for facts in self.part.sharing(self.key_id).values():
            if self.key.at(facts["new_version"]).algorithm == self.part.new:
                return facts["old_version"], facts["new_version"]
        return None

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Its algorithm and public key are in the store."""
        made = self.key.at(self.new)
        return {"key_id": self.key_id, "version": self.new, "algorithm": made.algorithm}


class Use(VersionAction):
    """The new version is what whoever asks for the key gets."""

    def lines(self) -> list[str]:
        """What it would do."""
        return [f"use the {self.part.new} version of key {self.key_id} for everything new"]

    def needs(self) -> list[Need]:
        """Who needs the version in use."""
        return self.part.store.needs(self.key_id, "rotate")

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Use it."""
        self.part.store.use(self.key_id, self.new, expected=self.old)

    def restore(self, before: Checkpoint) -> list[str]:
        """Use the version before it again, unless somebody has gone further."""
        if before["version"] == self.new or self.key.version != self.new:
            return []
        self.part.store.use(self.key_id, before["version"], expected=self.new)
        return [f"key {self.key_id} is used in version {before['version']} again"]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """It is in use."""
        return {"key_id": self.key_id, "version": self.key.version}


class Erase(VersionAction):
    """The old version's private key is erased."""

    def lines(self) -> list[str]:
        """What it would do, what it leaves, and how much the key was used."""
        return [
            f"erase the private key of the {self.part.old} version of key {self.key_id} from the store;"
            f" {REMAINS}",
            *(f"key {self.key_id}: {use}" for use in self.part.store.uses(self.key_id)),
        ]

    def needs(self) -> list[Need]:
        """Who needs the old version, which before `prepare` is the one in use.

        Envelopes that this plan re-wraps before do not; of components with one key the last one erases it.
        """
        if not self.last:
            return []
        old = self.part.facts.get("old_version") or self.key.version
        return self.part.store.needs(self.key_id, "destroy", int(old), changing=self.part.changing)

    @property
    def last(self) -> bool:
        """Whether every other component of the plan with this key is retired."""
        retired = {
            name
            for row in self.part.holder.rows()
            if row.state == "done" and row.step["point_of_no_return"]
            for name in row.step["components"]
        }
        return self.part.sharing(self.key_id).keys() <= retired

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Nothing but what is left elsewhere."""
        return {"remains": REMAINS}

    def conclude(self, before: Checkpoint) -> None:
        """Erase it, in the transaction that ends the step; of components with one key the last one does."""
        steps.hold(self.part.holder.connection, self.key_id)
        if self.last:
            self.part.store.destroy(self.key_id, version=self.old)
