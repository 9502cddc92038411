"""A step's action on one component, in parts that can each be repeated after a crash."""

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
"""Evidence that a step holds, as JSON without secrets; stored with the step."""


class Checkpoint(TypedDict, total=False):
    """State of a component before a step, as JSON without secrets: never key bytes.

    Attributes:
        key_id: id of its stored key.
        version: current version of that key.
        fingerprint: fingerprint of the served certificate.
        kept: name of the folder with the previous pair or key.
        links: targets of the server's paths that are links; None for a file.
        origins: real locations of the private key.
        old_key: identity of the public key in use.
        public: text of the file with the published keys.
        groups: value of a server's directive.
        written: that value as written, with its quotes.
        methods: an SSH server's key exchange methods.
        files: the envelopes that the step changes.
        done: envelopes that the new version could already open.
        count: number of all envelopes.
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
    """A step failed for a technical reason: an internal error or one of the machine."""


class ProofError(UserError):
    """The step's result does not hold, according to a second provider or a real handshake."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Checked before every effect: whether the task is still held and within its time limit.

    Attributes:
        limit_s: time limit of the step.
        stop: raises Stopped if the worker no longer holds the task.
        began: start by the monotonic clock, seconds.
    """

    limit_s: float
    stop: Callable[[], None]
    began: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Remaining time of the step in seconds."""
        return self.limit_s - (time.monotonic() - self.began)

    def check(self) -> None:
        """Check that the task is still held and in time.

        Raises:
            Stopped: the task is no longer held.
            StepTimeoutError: the time limit is exceeded.
        """
        self.stop()
        if self.left_s <= 0:
            raise StepTimeoutError(f"took longer than {self.limit_s:g} s, twice its estimate")


class Action(Protocol):
    """One component's part of a step.

    `capture`, `needs` and `lines` change nothing except creating backups. `apply` and `restore` may be
    repeated after an interruption at any point, and end in the same state.
    """

    def lines(self) -> list[str]:
        """Describe what the step would do, with names, for users; read-only."""
        ...

    def needs(self) -> list[Need]:
        """Return what else needs the objects it would destroy or disable; read-only, may be called early."""
        ...

    def capture(self) -> Checkpoint:
        """Record the current state, with copies of files beside the originals."""
        ...

    def apply(self, before: Checkpoint, pace: Pace) -> None:
        """Apply the change. Every intermediate state keeps data readable."""
        ...

    def prove(self, before: Checkpoint, pace: Pace) -> Evidence:
        """Return evidence that the result holds.

        Raises:
            ProofError: it does not.
        """
        ...

    def restore(self, before: Checkpoint) -> list[str]:
        """Restore the previous state; return a description. Servers are not reloaded yet."""
        ...

    def tell(self, before: Checkpoint) -> None:
        """Make a server reload what `restore` has restored; may be repeated.

        Raises:
            ProofError: it rejects the change, or cannot be reloaded.
        """
        ...

    def conclude(self, before: Checkpoint) -> None:
        """Change rows atomically with the step's completion, in the same transaction."""
        ...

    def tidy(self, before: Checkpoint) -> None:
        """Remove leftovers of a completed step; a crash before it is harmless."""
        ...
