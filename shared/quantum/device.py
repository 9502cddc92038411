"""Devices: what `NAME[:DEVICE]` in a job's `backend` means."""

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
    """What runs circuits: a backend, or one of the devices that it stands for.

    Attributes:
        backend: its name, a key of `BACKENDS`.
        name: of the device, empty where the backend stands for none but itself.
    """

    backend: str
    name: str = ""

    @classmethod
    def of(cls, text: str) -> Device:
        """The device that a job insists on.

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
        """As a job names it."""
        return f"{self.backend}:{self.name}" if self.name else self.backend

    @property
    def declared(self) -> Declaration:
        """The backend's row."""
        return BACKENDS[self.backend]

    @property
    def calibration(self) -> str | None:
        """The id of the calibration it will always have; None where that changes, or there is none."""
        return self.declared.calibrations.get(self.name)


def unknown(text: str, known: Iterable[str]) -> BadInput:
    """The refusal of a backend that there is not.

    Args:
        text: what a job insists on.
        known: the backends that there are.
    """
    name = text.partition(":")[0]
    if name == AUTO:
        rule, hint = f"{AUTO} chooses among all of them, and takes no device", f"take backend: {AUTO}"
        return BadInput(rule, field="backend", value=text, hint=hint)
    names = (AUTO, *known)
    return BadInput(
        f"must be one of {', '.join(names)}", field="backend", value=text, hint=did_you_mean(name, names)
    )
