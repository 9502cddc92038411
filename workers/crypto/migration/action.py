"""What a step does to one component, in five parts that may each be called again after a crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypedDict

from novacron.json_types import JsonObject
from shared.db.crypto.needs import Need
from workers.crypto.migration.remains import Origin
from workers.runtime.outcome import UserError

Evidence = JsonObject
"""What shows that a step holds, as JSON without secrets; it is kept with the step."""


class Checkpoint(TypedDict, total=False):
    """What was there of a component before a step, as JSON without secrets: never key bytes.

    Attributes:
        key_id: of its key in the store.
        version: of that key, which was in use.
        fingerprint: of the certificate that was served.
        kept: name of the folder with the pair or key from before.
        links: the server's paths, and where each was a link to; None where it was a file.
        origins: where the private key really was.
        old_key: identity of the public key in use.
        public: text of the file with the published keys.
        groups: value of a server's directive.
        written: that value as it was written, with its quotes.
        methods: an SSH server's key exchanges.
        files: the envelopes that the step changes.
        done: envelopes that opened with the new version already.
        count: of all envelopes.
    """

    key_id: str
    version: int
    fingerprint: str
    kept: str
    links: Mapping[str, str | None]
    origins: Sequence[Origin]
    old_key: str
    public: str
    groups: str
    written: str
    methods: list[str]
    files: Sequence[str]
    done: Sequence[str]
    count: int


class StepTimeoutError(Exception):
    """The step took longer than twice its estimate."""


class StepBrokenError(Exception):
    """A step failed for a reason that is nobody's choice: a fault of ours or of the machine."""


class ProofError(UserError):
    """What the step made does not hold: a second provider, or a real handshake, says otherwise."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Asked before every effect whether it may still happen.

    Attributes:
        limit_s: time the step has.
        stop: raises Stopped where the task is no longer this worker's.
        began: start by the monotonic clock, seconds.
    """

    limit_s: float
    stop: Callable[[], None]
    began: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Seconds the step has left."""
        return self.limit_s - (time.monotonic() - self.began)

    def check(self) -> None:
        """Go on only if the task is still ours and in time.

        Raises:
            Stopped: it is not ours.
            StepTimeoutError: it is late.
        """
        self.stop()
        if self.left_s <= 0:
            raise StepTimeoutError(f"took longer than {self.limit_s:g} s, twice its estimate")


class Action(Protocol):
    """One component's part of a step.

    `capture`, `needs` and `lines` change nothing but backups. `apply` and `restore` may be called again after
    having been cut short anywhere, and end in the same state.
    """

    def lines(self) -> list[str]:
        """What it would do, with names, for people; reads only."""
        ...

    def needs(self) -> list[Need]:
        """Who else needs what it would destroy or take out of use; reads only, and may be asked early."""
        ...

    def capture(self) -> Checkpoint:
        """What is there now, with copies of files beside the originals."""
        ...

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Do it. Every state on the way serves: what could be read before can be read."""
        ...

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Evidence that it holds.

        Raises:
            ProofError: it does not.
        """
        ...

    def restore(self, before: Checkpoint) -> list[str]:
        """Put back what was there; says what. No server is told of it yet."""
        ...

    def tell(self, before: Checkpoint) -> None:
        """Have a server read what `restore` has put back; may be called again.

        Raises:
            ProofError: it does not take it, or cannot be told.
        """
        ...

    def conclude(self, before: Checkpoint) -> None:
        """Rows that change together with the step being done, in the same transaction."""
        ...

    def tidy(self, before: Checkpoint) -> None:
        """Remove what nobody needs once the step is done; a loss of it harms nothing."""
        ...
