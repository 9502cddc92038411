"""Parses `NAME[:DEVICE]` in a job's `backend`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from novacron.errors import BadInput
from novacron.specs.refusal import did_you_mean
from shared.quantum.backends import BACKENDS

if TYPE_CHECKING:
    from shared.quantum.backends import Declaration

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class BackendName:
    """A backend, or one of the devices that it represents.

    Attributes:
        backend: its name, a key of `BACKENDS`.
        device: name of the device, empty if the backend represents only itself.
    """

    backend: str
    device: str = ""

    @classmethod
    def of(cls, text: str) -> BackendName:
        """Parse the backend that a job requires.

        Args:
            text: `NAME` or `NAME:DEVICE`, as in a job's `backend`.

        Raises:
            BadInput: there is no such backend, it has no devices, or it has some and none is named.
        """
        backend, _, device = text.partition(":")
        declared = BACKENDS.get(backend)
        if declared is None:
            raise unknown(text, BACKENDS)
        if device and not declared.devices:
            rule = f"{backend} has no devices, and none called {device!r}"
            raise BadInput(rule, field="backend", value=text, hint=f"use backend: {backend}")
        if declared.devices and not device and not declared.missing:
            rule = f"{backend} stands for several devices, and none is named"
            raise BadInput(rule, field="backend", value=text, hint=f"use backend: {backend}:DEVICE")
        return cls(backend, device)

    def __str__(self) -> str:
        """Return the form used in jobs."""
        return f"{self.backend}:{self.device}" if self.device else self.backend

    @property
    def declared(self) -> Declaration:
        """The backend's declaration."""
        return BACKENDS[self.backend]

    @property
    def calibration(self) -> str | None:
        """The id of its fixed calibration; None if that changes, or there is none."""
        return self.declared.calibrations.get(self.device)


def unknown(text: str, known: Iterable[str]) -> BadInput:
    """Return the error for an unknown backend.

    Args:
        text: as given in the job.
        known: the known backends.
    """
    name = text.partition(":")[0]
    if name == AUTO:
        rule, hint = f"{AUTO} chooses among all of them, and takes no device", f"use backend: {AUTO}"
        return BadInput(rule, field="backend", value=text, hint=hint)
    names = (AUTO, *known)
    return BadInput(
        f"must be one of {', '.join(names)}", field="backend", value=text, hint=did_you_mean(name, names)
    )
