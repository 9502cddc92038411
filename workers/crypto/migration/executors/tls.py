"""A server's key exchange groups: one directive of its configuration, verified on the wire."""

from __future__ import annotations

from typing import Any

from novacron.algorithms import ALGORITHMS
from novacron.tls.groups import CLASSICAL_GROUPS, POST_QUANTUM_GROUPS
from shared.crypto.tls.probe import Probe
from workers.crypto.migration import groups, server
from workers.crypto.migration.action import Action, Checkpoint, Pace
from workers.crypto.migration.directive import PLAIN, Dialect
from workers.crypto.migration.executors.setting import Setting, by_type
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.part import Part
from workers.crypto.migration.targets import Groups
from workers.runtime.outcome import UserError

GROUPS = {
    **{one.name: one.tls_groups[0] for one in ALGORITHMS.values() if one.tls_groups},
    **{name: name for name in (*POST_QUANTUM_GROUPS, *CLASSICAL_GROUPS)},
}
"""Algorithm of a plan -> its TLS group; the hybrid one if there is one (RFC 9954)."""


def group_of(algorithm: str) -> str:
    """Return the group for an algorithm.

    Raises:
        UserError: there is none.
    """
    if algorithm not in GROUPS:
        raise UserError(f"TLS has no group for {algorithm}; there are groups for {', '.join(GROUPS)}")
    return GROUPS[algorithm]


class Listed(Setting):
    """Base class: OpenSSL's list of groups.

    Args:
        part: the component's part of the step.
        names: names of the directive, the preferred one first.
        dialect: the server's configuration syntax.
        default: groups of a server without a list of its own.
    """

    def __init__(self, part: Part[Any], names: tuple[str, ...], dialect: Dialect, default: str) -> None:
        super().__init__(part, names, dialect)
        self.new = group_of(part.new)
        self.default = default

    def wrong(self, seen: Probe) -> str | None:
        """Return what is wrong with the server's answer after this step."""
        return None if seen.handshake else f"no TLS: {seen.attempts['preferred'].refusal}"

    def seen(self, pace: Pace) -> Any:
        """Return what the server negotiates."""
        found = server.see(self.part.target, self.wrong, pace)
        return found.document() if found else None

    @property
    def old(self) -> str:
        """The list of groups before the migration."""
        return self.before or self.default


class Remember(Listed):
    """Records the current groups for later steps; changes nothing else."""

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Store the list as a fact."""
        self.part.note(old_groups=before["groups"], new_group=self.new)


class Both(Listed):
    """Both are accepted, the old ones preferred."""

    def wanted(self) -> str:
        """Return the old groups before the new one; a server whose default accepts both keeps its default."""
        return self.before if groups.holds(self.old, self.new) else groups.last(self.old, self.new)

    def wrong(self, seen: Probe) -> str | None:
        """Require that the new group is supported, and the old ones too."""
        if not seen.knows_pq:
            return f"the server does not take {self.new}"
        return None if seen.takes_classical_groups else "the server no longer takes the old groups"


class Prefer(Listed):
    """Both are accepted, the new one preferred, in whatever order a client lists them."""

    def wanted(self) -> str:
        """Return the new group before the old ones."""
        return groups.first(self.old, self.new)

    def wrong(self, seen: Probe) -> str | None:
        """Require that a current client gets the new group, even if it lists a classical one first."""
        if not seen.handshake or seen.handshake.group != self.new:
            got = seen.handshake.group if seen.handshake else "no connection"
            return f"a current client gets {got}, not {self.new}"
        return "a client that lists a classical group first gets it" if seen.downgrades else None


class Preferred(Prefer):
    """The same, verified again without a change."""

    def wanted(self) -> str:
        """Return the current value."""
        return self.read()


class Only(Listed):
    """The old groups are disabled."""

    def wanted(self) -> str:
        """Return the new group only."""
        return self.new

    def wrong(self, seen: Probe) -> str | None:
        """Require that a current client gets the new group, and one without it is rejected."""
        if not seen.handshake or seen.handshake.group != self.new:
            return f"a current client does not get {self.new}"
        return "a classical key exchange is still accepted" if seen.takes_classical_groups else None


STEPS = by_type(remember=Remember, both=Both, prefer=Prefer, preferred=Preferred, only=Only)


def groups_of(
    part: Part[Any], *names: str, dialect: Dialect = PLAIN, default: str = groups.DEFAULT
) -> Action:
    """Return the action for a server's groups.

    Args:
        part: the component's part of the step.
        names: names of the directive with the list, the preferred one first.
        dialect: the server's configuration syntax.
        default: groups of a server without a list of its own.
    """
    kind = STEPS.get(str(part.step["type"]))
    return kind(part, names, dialect, default) if kind else Still()


def action(part: Part[Groups]) -> Action:
    """Return the action for the groups of a server whose directive the operator names."""
    return groups_of(part, part.target.groups_directive)
