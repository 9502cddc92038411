"""OpenSSH's server: its key exchange methods, one directive, verified by its first message.

sshd uses the first `KexAlgorithms` it reads, directive names are case-insensitive, and a leading `+`, `-` or
`^` modifies the default list (sshd_config(5)). The effective methods are therefore taken from the server's
message, not from the file; a missing directive is written as the first line. In SSH the client chooses:
listing the new methods first is only a preference, and only the last step enforces them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from novacron.errors import Unreachable
from shared.crypto import ssh
from shared.crypto.ssh import POST_QUANTUM, Offer
from workers.crypto.migration import server
from workers.crypto.migration.action import Action, Checkpoint, Pace
from workers.crypto.migration.directive import Dialect
from workers.crypto.migration.executors.setting import Setting, by_type
from workers.crypto.migration.executors.still import Still
from workers.crypto.migration.part import Part
from workers.crypto.migration.programs import OpenSSH
from workers.runtime.outcome import UserError

METHODS = {
    **{name: POST_QUANTUM[0] for name in ("ML-KEM-768", "X25519MLKEM768", "X-Wing")},
    **{name: name for name in POST_QUANTUM},
}
"""Algorithm of a plan -> OpenSSH's method with it, always a hybrid with X25519."""
DIALECT = Dialect(ignores_case=True, after=r"\A")
PAUSE_S = 1.0
"""Pause between two probes in seconds: a server may penalize clients that connect often without logging in.
"""


def method_of(algorithm: str) -> str:
    """Return the key exchange method for an algorithm.

    Raises:
        UserError: OpenSSH has none.
    """
    if algorithm not in METHODS:
        raise UserError(f"OpenSSH has no key exchange with {algorithm}; it has {', '.join(POST_QUANTUM)}")
    return METHODS[algorithm]


class Methods(Setting):
    """Base class: the list of methods.

    Args:
        part: the component's part of the step.
    """

    part: Part[OpenSSH]

    def __init__(self, part: Part[OpenSSH]) -> None:
        super().__init__(part, (part.target.groups_directive,), DIALECT)
        self.new = method_of(part.new)

    def wrong(self, offer: Offer) -> str | None:
        """Return what is wrong with the server's offer after this step."""
        return None if offer.methods else "the server offers no key exchange"

    def seen(self, pace: Pace) -> Any:
        """Return what the server offers.

        Raises:
            ProofError: it is not the step's intended result.
        """
        if not self.part.target.probe:
            return None
        return server.settled(self._ask, self.wrong, pace, self.part.target.probe, PAUSE_S).document()

    def _ask(self) -> Offer:
        return ssh.ask(*self.part.target.address, reach=self.part.target.reach)

    @property
    def old(self) -> list[str]:
        """The methods that the server accepted before the migration."""
        return list(self.part.facts.get("old_methods") or self.offered())

    def offered(self) -> list[str]:
        """Return the methods that the server accepts now.

        Raises:
            UserError: the server cannot be probed, and the file does not say.
        """
        target, written = self.part.target, self.read()
        if target.probe:
            try:
                return list(self._ask().methods)
            except Unreachable as error:
                raise UserError(str(error)) from None
        if not written or written[0] in "+-^":
            raise UserError(
                f"{target.config} leaves the methods to sshd: give targets.{target.name}.probe, to ask it"
            )
        return written.split(",")

    def held(self, wanted: Sequence[str]) -> str:
        """Return the value for a list of methods: the previous one if it yields exactly these."""
        return self.before if list(wanted) == self.old else ",".join(wanted)


class Remember(Methods):
    """Records the current methods for later steps; changes nothing else."""

    def capture(self) -> Checkpoint:
        """Record the value, and the methods that the server accepts."""
        return {**super().capture(), "methods": self.offered()}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Store both as facts."""
        self.part.note(old_groups=before["groups"], old_methods=before["methods"], new_group=self.new)


class Both(Methods):
    """Both are accepted."""

    def wanted(self) -> str:
        """Return the new method after the old ones, unless it is among them."""
        return self.held(self.old if self.new in self.old else [*self.old, self.new])

    def wrong(self, offer: Offer) -> str | None:
        """Require the new method and the old ones."""
        if self.new not in offer.methods:
            return f"the server does not take {self.new}"
        lost = [one for one in self.old if one not in offer.methods]
        return f"the server no longer takes {', '.join(lost)}" if lost else None


class Prefer(Both):
    """Both are accepted, the new one is listed first."""

    def wanted(self) -> str:
        """Return the new method before the old ones."""
        return self.held([self.new, *(one for one in self.old if one != self.new)])

    def wrong(self, offer: Offer) -> str | None:
        """Require that it is listed first and a current client gets a post-quantum method."""
        if offer.methods[:1] != (self.new,):
            return f"the server lists {next(iter(offer.methods), 'nothing')} first, not {self.new}"
        return super().wrong(offer)


class Preferred(Prefer):
    """The same, verified again without a change."""

    def wanted(self) -> str:
        """Return the current value."""
        return self.read()


class Only(Methods):
    """The classical methods are disabled; other enabled post-quantum ones stay."""

    def wanted(self) -> str:
        """Return the new method and the other post-quantum ones."""
        return ",".join([self.new, *(one for one in self.old if one in POST_QUANTUM and one != self.new)])

    def wrong(self, offer: Offer) -> str | None:
        """Require that no classical method is accepted."""
        if self.new not in offer.methods:
            return f"the server does not take {self.new}"
        return f"the server still takes {', '.join(offer.classical)}" if offer.classical else None


class HostKeys(Still):
    """Unsupported: OpenSSH has no post-quantum host keys.

    Args:
        part: the component's part of the step.
    """

    def __init__(self, part: Part[OpenSSH]) -> None:
        self.part = part

    def lines(self) -> list[str]:
        """Describe why nothing is done."""
        return [f"nothing: {self._why()}"]

    def capture(self) -> Checkpoint:
        """Reject the step.

        Raises:
            UserError: always.
        """
        raise UserError(self._why())

    def _why(self) -> str:
        target, has = self.part.target, ""
        if target.probe:
            try:
                offer = ssh.ask(*target.address, reach=target.reach)
                has = f"; {offer.software} at {target.probe} has {', '.join(offer.host_keys)}"
            except Unreachable as error:
                has = f"; {error}"
        return (
            f"OpenSSH has no {self.part.new} host keys{has}. Nobody forges a signature before there is"
            " a quantum computer: migrate the key exchange now, as a component of the kind ssh_endpoint, and"
            " leave this one out"
        )


STEPS = by_type(remember=Remember, both=Both, prefer=Prefer, preferred=Preferred, only=Only)


def action(part: Part[OpenSSH]) -> Action:
    """Return the action for the methods; for host keys, one that explains why nothing is done."""
    if part.signs:
        return HostKeys(part)
    kind = STEPS.get(str(part.step["type"]))
    return kind(part) if kind else Still()
