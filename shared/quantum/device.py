"""Devices: parses `NAME[:DEVICE]` in a job's `backend`."""

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
class Device:
    """A backend, or one of the devices that it represents.

    Attributes:
        backend: its name, a key of `BACKENDS`.
        name: name of the device, empty if the backend represents only itself.
    """

    backend: str
    name: str = ""

    @classmethod
    def of(cls, text: str) -> Device:
        """Parse the device that a job requires.

        Args:
            text: `NAME` or `NAME:DEVICE`, as in a job's `backend`.

        Raises:
            BadInput: there is no such backend, it has no devices, or it has some and none is named.
        """
        backend, _, name = text.partition(":")
        declared = BACKENDS.get(backend)
        if declared is None:
            raise unknown(text, BACKENDS)
        if name and not declared.devices:
            rule = f"{backend} has no devices, and none called {name!r}"
            raise BadInput(rule, field="backend", value=text, hint=f"take backend: {backend}")
        if declared.devices and not name and not declared.missing:
            rule = f"{backend} stands for several devices, and none is named"
            raise BadInput(rule, field="backend", value=text, hint=f"take backend: {backend}:DEVICE")
        return cls(backend, name)

    def __str__(self) -> str:
        """Return the form used in jobs."""
        return f"{self.backend}:{self.name}" if self.name else self.backend

    @property
    def declared(self) -> Declaration:
        """The backend's declaration."""
        return BACKENDS[self.backend]

    @property
    def calibration(self) -> str | None:
        """The id of its fixed calibration; None if that changes, or there is none."""
        return self.declared.calibrations.get(self.name)


def unknown(text: str, known: Iterable[str]) -> BadInput:
    """Return the error for an unknown backend.

    Args:
        text: as given in the job.
        known: the known backends.
    """
    name = text.partition(":")[0]
    if name == AUTO:
        rule, hint = f"{AUTO} chooses among all of them, and takes no device", f"take backend: {AUTO}"
        return BadInput(rule, field="backend", value=text, hint=hint)
    names = (AUTO, *known)
    return BadInput(
        f"must be one of {', '.join(names)}", field="backend", value=text, hint=did_you_mean(name, names)
    )
