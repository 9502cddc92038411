"""The arrays of a program on the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from workers.quantum.simulation.cuda.device import Buffer, Device
from workers.quantum.simulation.cuda.groups import Groups
from workers.quantum.simulation.cuda.rows import Pools
from workers.quantum.simulation.cuda.schedule import Schedule
from workers.quantum.simulation.cuda.source import Precision
from workers.quantum.simulation.ir.program import Complex

AMPLITUDE: dict[Precision, np.dtype[Any]] = {
    "double": np.dtype(np.complex128),
    "single": np.dtype(np.complex64),
}


@dataclass(frozen=True, eq=False)
class Numbers:
    """The tables that the rows of every schedule of a program point into; see `Pools`."""

    product: Buffer
    matrices: Buffer
    rotations: Buffer
    values: Buffer
    levels: Buffer
    phasor_value: Buffer
    phasor_angle: Buffer
    n_phasors: int

    @classmethod
    def of(cls, device: Device, product: Complex, pools: Pools, amplitude: DTypeLike) -> Numbers:
        """Upload them; amplitude: complex128 or complex64."""
        return cls(
            product=_upload(device, product.ravel().astype(amplitude)),
            matrices=_upload(device, _joined(pools.matrices, np.complex128).astype(amplitude)),
            rotations=_upload(device, _joined(pools.rotations, np.float64)),
            values=_upload(device, pools.values),
            levels=_upload(device, _joined(pools.levels, np.uint16)),
            phasor_value=_upload(device, _joined(pools.phasor_value, np.int64)),
            phasor_angle=_upload(device, _joined(pools.phasor_angle, np.int64)),
            n_phasors=sum(map(len, pools.phasor_value)),
        )


@dataclass(frozen=True, eq=False)
class Steps:
    """A schedule's rows; see `Schedule`."""

    rows: Buffer
    elements: Buffer
    layouts: Buffer

    @classmethod
    def of(cls, device: Device, schedule: Schedule) -> Steps:
        """Upload them."""
        return cls(
            rows=_upload(device, schedule.rows.ravel()),
            elements=_upload(device, schedule.elements.ravel()),
            layouts=_upload(device, schedule.layouts),
        )


@dataclass(frozen=True, eq=False)
class Terms:
    """An observable; see `Groups`."""

    flips: Buffer
    firsts: Buffer
    splits: Buffer
    zs: Buffer
    coefficients: Buffer
    n_groups: int

    @classmethod
    def of(cls, device: Device, groups: Groups) -> Terms:
        """Upload them."""
        return cls(
            flips=device.upload(groups.flips),
            firsts=device.upload(groups.firsts),
            splits=device.upload(groups.splits),
            zs=device.upload(groups.zs),
            coefficients=device.upload(groups.coefficients),
            n_groups=len(groups.flips),
        )


def _joined(parts: Sequence[NDArray[Any]], dtype: DTypeLike) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *(part.ravel() for part in parts)]).astype(dtype)


def _upload(device: Device, values: NDArray[Any]) -> Buffer:
    """Upload an array, with one unused entry if it is empty."""
    return device.upload(values if len(values) else np.zeros(1, dtype=values.dtype))
