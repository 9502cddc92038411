"""A server's key-exchange groups: one directive of its configuration, which then is seen on the wire."""

from __future__ import annotations

from typing import Any

from novacron.tls.groups import CLASSICAL_GROUPS, POST_QUANTUM_GROUPS
from shared.tls.probe import Probe
from workers.migration import directive, files, groups, server
from workers.migration.action import Action, Checkpoint, Pace
from workers.migration.directive import Directive
from workers.migration.executors.still import Still
from workers.migration.part import Part
from workers.migration.targets import Groups
from workers.outcome import UserError

GROUPS = {
    "X-Wing": "X25519MLKEM768",
    "ML-KEM-768": "X25519MLKEM768",
    "ML-KEM-1024": "SecP384r1MLKEM1024",
    "MLKEM1024-P384": "SecP384r1MLKEM1024",
    "HPKE-ML-KEM-1024": "MLKEM1024",
    **{name: name for name in (*POST_QUANTUM_GROUPS, *CLASSICAL_GROUPS)},
}
"""Algorithm of a plan -> the group that takes it into TLS; the hybrid one where there is one (RFC 9954)."""


def group_of(algorithm: str) -> str:
    """The group for an algorithm.

    Raises:
        UserError: there is none.
    """
    if algorithm not in GROUPS:
        raise UserError(f"TLS has no group for {algorithm}; there are groups for {', '.join(GROUPS)}")
    return GROUPS[algorithm]


class Listed(Still):
    """The base: the directive, as it is and as it is to be.

    Args:
        part: what it is about.
    """

    part: Part[Groups]

    def __init__(self, part: Part[Groups]) -> None:
        self.part = part
        self.new = group_of(part.new)

    def wanted(self) -> str:
        """The list of groups that this step leaves."""
        return self.read()

    def wrong(self, seen: Probe) -> str | None:
        """What is wrong with the server's answer after this step."""
        return None if seen.handshake else f"no TLS: {seen.attempts['preferred'].refusal}"

    @property
    def old(self) -> str:
        """The list of groups that was there before the migration."""
        return str(self.part.facts.get("old_groups") or self.read())

    def lines(self) -> list[str]:
        """What it would do."""
        target, wanted = self.part.target, self.wanted()
        if wanted == self.read():
            return [f"ask {target.probe or target.name} for its groups"]
        return [
            f"set {target.groups_directive} to {wanted} in {target.config}",
            *(f"run `{' '.join(command)}`" for command in (target.check, target.reload) if command),
            *([f"ask {target.probe} for its groups"] if target.probe else []),
        ]

    def capture(self) -> Checkpoint:
        """The list as it is, with its quotation marks."""
        found = self.found()
        return {"groups": found.value, "written": found.written}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Write the new list and have the server read it."""
        found = self.found()
        changed = found.value != self.wanted()
        if changed:
            self.set(found.quoted(self.wanted()))
        if changed or before["groups"] != self.read():
            server.tell(self.part.target, pace)

    def prove(self, before: Checkpoint, pace: Pace) -> dict[str, Any]:
        """What the server agrees to."""
        seen = server.see(self.part.target, self.wrong, pace)
        return {"groups": self.read(), "probe": seen.document() if seen else None}

    def restore(self, before: Checkpoint) -> list[str]:
        """Write the old list again; other lines that were changed meanwhile stay."""
        if self.wanted() == before["groups"]:
            return []
        self.set(before.get("written", before["groups"]))
        return [
            f"{self.part.target.groups_directive} is {before['groups']} in {self.part.target.config} again"
        ]

    def tell(self, before: Checkpoint) -> None:
        """Have the server read the old list; it may not have been told of it before a crash."""
        if self.wanted() != before["groups"]:
            server.tell(self.part.target)

    def read(self) -> str:
        """The list in the file."""
        return self.found().value

    def found(self) -> Directive:
        """The directive in the file.

        Raises:
            UserError: the file cannot be read, or does not hold it once.
        """
        config = self.part.target.config
        try:
            return directive.find(config.read_bytes().decode(), self.part.target.groups_directive)
        except (OSError, ValueError) as error:
            raise UserError(f"{config}: {error}") from None

    def set(self, written: str) -> None:
        """Write a list into the file, quoted already."""
        found, config = self.found(), self.part.target.config
        if found.written != written:
            files.write(config, found.replaced(written).encode(), like=config)


class Remember(Listed):
    """What the groups are now; nothing is changed but what later steps know."""

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Keep the list."""
        self.part.note(old_groups=before["groups"], new_group=self.new)


class Both(Listed):
    """Both are accepted, the old ones by preference."""

    def wanted(self) -> str:
        """Old before new."""
        return groups.last(self.old, self.new)

    def wrong(self, seen: Probe) -> str | None:
        """The new group must be known, the old ones too."""
        if not seen.knows_pq:
            return f"the server does not take {self.new}"
        return None if seen.takes_classical_groups else "the server no longer takes the old groups"


class Prefer(Listed):
    """Both are accepted, the new one by preference, in whatever order a client lists them."""

    def wanted(self) -> str:
        """New before old."""
        return groups.first(self.old, self.new)

    def wrong(self, seen: Probe) -> str | None:
        """A client of today gets the new group, also where it lists a classical one first."""
        if not seen.handshake or seen.handshake.group != self.new:
            got = seen.handshake.group if seen.handshake else "no connection"
            return f"a client of today gets {got}, not {self.new}"
        return "a client that lists a classical group first gets it" if seen.downgrades else None


class Preferred(Prefer):
    """The same, only looked at."""

    def wanted(self) -> str:
        """As it is."""
        return self.read()


class Only(Listed):
    """The old groups are off."""

    def wanted(self) -> str:
        """The new one alone."""
        return self.new

    def wrong(self, seen: Probe) -> str | None:
        """A client of today gets the new group, one without it is refused."""
        if not seen.handshake or seen.handshake.group != self.new:
            return f"a client of today does not get {self.new}"
        return "a classical key exchange can still be had" if seen.takes_classical_groups else None


STEPS: dict[str, type[Listed]] = {
    "prepare": Remember,
    "enable_readers": Both,
    "enable_verifiers": Both,
    "switch": Prefer,
    "validate": Preferred,
    "retire": Only,
}


def action(part: Part[Groups]) -> Action:
    """What a step does to the groups."""
    kind = STEPS.get(str(part.step["type"]))
    return kind(part) if kind else Still()
