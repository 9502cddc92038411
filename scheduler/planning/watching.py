"""Whether a provider's device accepts a job, as far as its workers have seen it."""

from __future__ import annotations

from novacron.errors import BadInput, nearest
from novacron.specs import Spec
from novacron.specs.refusal import validated
from scheduler.planning.placement import Placement
from shared.db import watched_devices
from shared.db.session import Connection
from shared.db.watched_devices import Watch, Watched
from shared.quantum.backends import HARDWARE
from shared.quantum.devices import Device

_MOST_KEPT = 512
_kept: dict[str, Device] = {}


def calibrated(connection: Connection, backend: str, seen: Watched) -> Device:
    """Return the calibration of a device that was seen; it is read once a process."""
    if seen.calibration_id not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        document = watched_devices.calibration(connection, backend, seen.device)
        _kept[seen.calibration_id] = validated(Device, document)
    return _kept[seen.calibration_id]


def check(connection: Connection, spec: Spec, placement: Placement, stale_s: float) -> None:
    """Refuse a job that its device, or the provider's account, does not accept.

    What is older than `stale_s` refuses nothing: the worker asks again before it submits.

    Raises:
        BadInput: names the field, the value, the rule and the cure.
    """
    if placement.backend not in HARDWARE:
        return
    seen = watched_devices.read(connection, placement.backend)
    if seen is None or seen.age_s > stale_s:
        return
    if seen.refusal is not None:
        rule = f"cannot be used: {seen.refusal['message'].removeprefix('backend: ')}"
        raise BadInput(rule, field="backend", value=spec.backend, hint=seen.refusal["hint"])
    _check_status(seen, spec, placement)
    device = calibrated(connection, placement.backend, seen.devices[placement.device])
    _check_size(device, spec, placement)


def _check_status(seen: Watch, spec: Spec, placement: Placement) -> None:
    """Refuse an unknown device, and one that accepts no jobs."""
    backend = placement.backend
    ready = [f"{backend}:{one.device}" for one in seen.devices.values() if one.accepts]
    known = seen.devices.get(placement.device)
    if known is None:
        near = nearest(placement.device, seen.devices)
        hint = f"did you mean {backend}:{near}?" if near else f"its devices: {', '.join(seen.devices)}"
        rule = f"is not a device of this account at {backend}"
        raise BadInput(rule, field="backend", value=spec.backend, hint=hint)
    if not known.accepts:
        rule = f"accepts no jobs: its status is {known.status!r}"
        hint = f"devices in service: {', '.join(ready)}" if ready else "try it later"
        raise BadInput(rule, field="backend", value=spec.backend, hint=hint)


def _check_size(device: Device, spec: Spec, placement: Placement) -> None:
    """Refuse more shots or qubits than the device takes."""
    most = device.max_shots
    if spec.shots is not None and most is not None and spec.shots > most:
        raise BadInput(f"must be at most {most} on {placement.device}", field="shots", value=spec.shots)
    if (n_qubits := spec.n_qubits or 0) > device.size:
        rule = f"{n_qubits} qubits are more than the {device.size} that {placement.device} connects"
        raise BadInput(rule, field="backend", value=spec.backend, hint="use fewer qubits, or another device")
