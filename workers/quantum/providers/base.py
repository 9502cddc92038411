"""The interface of a provider: its devices, and jobs of compiled circuits in its queue.

A provider is one file with the calls that it offers. What all have in common exists once: rows and tags
before a submission, polling intervals, budgets and the ledger in `workers.operations.quantum.qpu`;
compilation and counts in `workers.quantum.backends.hardware`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from shared.circuits.record import CircuitRecord
from shared.quantum.devices import Device
from workers.runtime.outcome import PassingError, UserError

Word: TypeAlias = Literal["queued", "running", "done", "failed", "cancelling", "cancelled"]
"""The state of a provider's job."""


class UnknownJobError(LookupError):
    """The provider does not know this job, or no longer."""


class ThrottledError(PassingError):
    """The provider accepts no further requests now.

    Args:
        message: what it said.
        retry_after_s: seconds until the next request, if it said so.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, eq=False)
class Item:
    """One compiled circuit.

    Attributes:
        record: on the device's qubits, in its basis gates; it may have free parameters.
        points: values of the parameters in radians, float64[n_points, n_parameters].
    """

    record: CircuitRecord
    points: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Program:
    """The circuits of one provider job.

    Attributes:
        device: name of the device.
        items: the circuits.
        shots: shots of each circuit at each point.
        duration_s: of one shot, without the delay until the next.
        max_s: seconds of the device after which the job ends, where the provider can do that; None for no
            limit.
    """

    device: str
    items: tuple[Item, ...]
    shots: int
    duration_s: float = 0.0
    max_s: float | None = None

    @property
    def n_circuits(self) -> int:
        """Number of circuits with all parameters bound."""
        return sum(len(item.points) for item in self.items)


@dataclass(frozen=True, slots=True)
class Listed:
    """A device in a provider's list.

    Attributes:
        device: its calibration.
        name: its name there.
        accepts: whether it accepts jobs.
        status: the provider's word for that.
        queue_length: number of waiting jobs, None if unknown.
    """

    device: Device
    name: str
    accepts: bool
    status: str
    queue_length: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The state of a provider's job.

    Attributes:
        word: the state.
        position: number of jobs before it in the queue, None if unknown.
        cause: why it failed or was cancelled.
    """

    word: Word
    position: int | None = None
    cause: str = ""


@dataclass(frozen=True, eq=False)
class Results:
    """The outcomes of a provider's job.

    Attributes:
        bits: of each item, bool[n_points, shots, n_bits] in the order of the record's classical bits.
        notes: remarks for the receipt.
    """

    bits: Sequence[NDArray[np.bool_]]
    notes: Mapping[str, str] = field(default_factory=dict)


class Price(NamedTuple):
    """Seconds of a device, and dollars; None where the provider states no price, or charges by time."""

    qpu_s: float
    usd: float | None


class Provider(Protocol):
    """A provider of devices.

    Requests are not repeated inside: each returns or raises within a fixed time.

    Raises, by any method:
        PassingError: it does not answer, or is unavailable.
        ThrottledError: it accepts no further requests now.
        UserError: it rejects the request, or the account; secrets are left out of the message.
    """

    name: str

    def devices(self, only: str | None = None) -> Sequence[Listed]:
        """Return the devices of the account; calibrations may be as old as `CALIBRATION_S`.

        Args:
            only: a device; the others may then be left out, unless it does not exist.
        """
        ...

    def submit(self, program: Program, tag: str) -> str:
        """Put a job into the queue; return its id.

        Raises:
            UserError: the account has no time left, or the device does not exist or accepts no jobs.
        """
        ...

    def find(self, tag: str) -> str | None:
        """Return the id of the oldest waiting, running or succeeded job with a tag."""
        ...

    def state(self, job: str) -> State:
        """Return the state of a job.

        Raises:
            UnknownJobError: there is no such job.
        """
        ...

    def results(self, job: str) -> Results:
        """Return the outcomes of a job that is done.

        Raises:
            UnknownJobError: there is no such job.
        """
        ...

    def cancel(self, job: str) -> None:
        """Cancel a job; one that has ended is left unchanged.

        Raises:
            UnknownJobError: there is no such job.
        """
        ...

    def exhausted(self) -> str:
        """Return why the account may submit nothing now; empty if it may."""
        ...

    def price(self, program: Program) -> Price:
        """Return the expected price of a program."""
        ...

    def charge(self, job: str) -> Price | None:
        """Return what the provider charged for a job; None if it has not said so yet."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


CALIBRATION_S = 600.0
"""Maximum age in seconds of a calibration in the memory of a process."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_address(variable: str, url: str) -> None:
    """Refuse addresses to which a token would be sent in the clear.

    Raises:
        UserError: it is neither https nor on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise UserError(f"backend: {variable} must begin with https://, since the token is sent there: {url}")
