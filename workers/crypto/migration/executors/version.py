"""A stored key that migrates to another algorithm.

The next version is created beside the current one, then made current, then the old private key is erased.
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
    """Base class: the key, and its old and new versions.

    Args:
        part: the component's part of the step.
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
        """The version migrated from."""
        return int(self.part.facts["old_version"])

    @cached_property
    def new(self) -> int:
        """The version migrated to."""
        return int(self.part.facts["new_version"])

    def capture(self) -> Checkpoint:
        """Record the current version."""
        return {"key_id": self.key_id, "version": self.key.version}


class Add(VersionAction):
    """The next version, of the new algorithm, not current yet."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        key = self.key
        return [
            f"make version {len(key.versions) + 1} of key {key.key_id}, {self.part.new},"
            f" beside version {key.version}, {key.algorithm}, which stays in use"
        ]

    def needs(self) -> list[Need]:
        """Return what depends on the current version, which the migration will eventually replace."""
        return self.part.store.needs(self.key_id, "rotate")

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Create it, once, without making it current, in one transaction."""
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
        """Return both versions if another component of the plan has already created one for the same key."""
        for facts in self.part.sharing(self.key_id).values():
            if self.key.at(facts["new_version"]).algorithm == self.part.new:
                return facts["old_version"], facts["new_version"]
        return None

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Return its stored algorithm and public key."""
        made = self.key.at(self.new)
        return {"key_id": self.key_id, "version": self.new, "algorithm": made.algorithm}


class Use(VersionAction):
    """The new version is the current one of the key."""

    def lines(self) -> list[str]:
        """Describe what the step would do."""
        return [f"use the {self.part.new} version of key {self.key_id} for everything new"]

    def needs(self) -> list[Need]:
        """Return what needs the current version."""
        return self.part.store.needs(self.key_id, "rotate")

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Make it current."""
        self.part.store.use(self.key_id, self.new, expected=self.old)

    def restore(self, before: Checkpoint) -> list[str]:
        """Make the previous version current again, unless another process has advanced the key."""
        if before["version"] == self.new or self.key.version != self.new:
            return []
        self.part.store.use(self.key_id, before["version"], expected=self.new)
        return [f"key {self.key_id} is used in version {before['version']} again"]

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Verify that it is current."""
        return {"key_id": self.key_id, "version": self.key.version}


class Erase(VersionAction):
    """The old version's private key is erased."""

    def lines(self) -> list[str]:
        """Describe what the step would do, what it leaves, and the recorded uses of the key."""
        return [
            f"erase the private key of the {self.part.old} version of key {self.key_id} from the store;"
            f" {REMAINS}",
            *(f"key {self.key_id}: {use}" for use in self.part.store.uses(self.key_id)),
        ]

    def needs(self) -> list[Need]:
        """Return what needs the old version, which before `prepare` is the current one.

        Envelopes that this plan re-wraps first do not count; the last of several components with one key
        erases it.
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
        """Report only the copies left elsewhere."""
        return {"remains": REMAINS}

    def conclude(self, before: Checkpoint) -> None:
        """Erase it in the transaction that completes the step, if this is the key's last component."""
        steps.hold(self.part.holder.connection, self.key_id)
        if self.last:
            self.part.store.destroy(self.key_id, version=self.old)
