"""OpenSSH's server: its methods of key exchange, one directive, read again from its first message.

The first `KexAlgorithms` that sshd reads counts, names of directives know no case, and the list may change
the default by a first `+`, `-` or `^` (sshd_config(5)). So what the server takes now is what it says, not
what the file says; a directive that is missing is written as the first line. In SSH the client chooses: that
the server lists the new methods first is a wish, and only the last step makes sure.
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
"""Algorithm of a plan -> OpenSSH's method with it, always with X25519 beside it."""
DIALECT = Dialect(ignores_case=True, after=r"\A")
PAUSE_S = 1.0
"""Between two looks: a server may shut out who looks too often and never logs in."""


def method_of(algorithm: str) -> str:
    """The method of key exchange for an algorithm.

    Raises:
        UserError: OpenSSH has none.
    """
    if algorithm not in METHODS:
        raise UserError(f"OpenSSH has no key exchange with {algorithm}; it has {', '.join(POST_QUANTUM)}")
    return METHODS[algorithm]


class Methods(Setting):
    """The base: the list of methods.

    Args:
        part: what it is about.
    """

    part: Part[OpenSSH]

    def __init__(self, part: Part[OpenSSH]) -> None:
        super().__init__(part, (part.target.groups_directive,), DIALECT)
        self.new = method_of(part.new)

    def wrong(self, offer: Offer) -> str | None:
        """What is wrong with the server's offer after this step."""
        return None if offer.methods else "the server offers no key exchange"

    def seen(self, pace: Pace) -> Any:
        """What the server offers.

        Raises:
            ProofError: it is not what the step is for.
        """
        if not self.part.target.probe:
            return None
        return server.settled(self._ask, self.wrong, pace, self.part.target.probe, PAUSE_S).document()

    def _ask(self) -> Offer:
        return ssh.ask(*self.part.target.address, reach=self.part.target.reach)

    @property
    def old(self) -> list[str]:
        """The methods that the server took before the migration."""
        return list(self.part.facts.get("old_methods") or self.offered())

    def offered(self) -> list[str]:
        """The methods that the server takes now.

        Raises:
            UserError: nobody can be asked, and the file does not say.
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
        """The value for a list of methods: the one before, where the server takes just these by it."""
        return self.before if list(wanted) == self.old else ",".join(wanted)


class Remember(Methods):
    """What the methods are now; nothing is changed but what later steps know."""

    def capture(self) -> Checkpoint:
        """The value, and what the server takes by it."""
        return {**super().capture(), "methods": self.offered()}

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Keep both."""
        self.part.note(old_groups=before["groups"], old_methods=before["methods"], new_group=self.new)


class Both(Methods):
    """Both are accepted."""

    def wanted(self) -> str:
        """The new after the old, unless it is among them."""
        return self.held(self.old if self.new in self.old else [*self.old, self.new])

    def wrong(self, offer: Offer) -> str | None:
        """The new method must be there, the old ones too."""
        if self.new not in offer.methods:
            return f"the server does not take {self.new}"
        lost = [one for one in self.old if one not in offer.methods]
        return f"the server no longer takes {', '.join(lost)}" if lost else None


class Prefer(Both):
    """Both are accepted, the new one is listed first."""

    def wanted(self) -> str:
        """New before old."""
        return self.held([self.new, *(one for one in self.old if one != self.new)])

    def wrong(self, offer: Offer) -> str | None:
        """It is listed first, and a client of today gets a post-quantum method."""
        if offer.methods[:1] != (self.new,):
            return f"the server lists {next(iter(offer.methods), 'nothing')} first, not {self.new}"
        return super().wrong(offer)


class Preferred(Prefer):
    """The same, only looked at."""

    def wanted(self) -> str:
        """As it is."""
        return self.read()


class Only(Methods):
    """The classical methods are off; other post-quantum ones that were on stay."""

    def wanted(self) -> str:
        """The new one, and what else is post-quantum."""
        return ",".join([self.new, *(one for one in self.old if one in POST_QUANTUM and one != self.new)])

    def wrong(self, offer: Offer) -> str | None:
        """Nothing classical can be had."""
        if self.new not in offer.methods:
            return f"the server does not take {self.new}"
        return f"the server still takes {', '.join(offer.classical)}" if offer.classical else None


class HostKeys(Still):
    """What cannot be done: OpenSSH has no post-quantum host keys.

    Args:
        part: what it is about.
    """

    def __init__(self, part: Part[OpenSSH]) -> None:
        self.part = part

    def lines(self) -> list[str]:
        """Why not."""
        return [f"nothing: {self._why()}"]

    def capture(self) -> Checkpoint:
        """Refuse to begin.

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
    """What a step does to the methods; of host keys, why it does nothing."""
    if part.signs:
        return HostKeys(part)
    kind = STEPS.get(str(part.step["type"]))
    return kind(part) if kind else Still()
