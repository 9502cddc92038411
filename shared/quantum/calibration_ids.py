"""Ids of the devices' calibrations, read on demand: the table of backends holds them without the devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType


class CalibrationIds(Mapping[str, str]):
    """The ids of the devices' calibrations, by device."""

    def __getitem__(self, name: str) -> str:
        return str(_devices().load(name).calibration_id)

    def __iter__(self) -> Iterator[str]:
        return iter(_devices().names())

    def __len__(self) -> int:
        return len(_devices().names())


def _devices() -> ModuleType:
    """Import the devices when they are asked for: Pydantic's models take 0.1 s of a stack's start."""
    from shared.quantum import devices

    return devices
