"""Backends as the API shows them: declared ones, the operator's and devices, with their queues' state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from novacron.errors import BadInput, NotFound
from scheduler.planning import watching
from shared.db import observation, watched_devices
from shared.db.session import Connection
from shared.db.watched_devices import Watch, Watched
from shared.quantum import calibration_summary, devices
from shared.quantum.backend_name import BackendName
from shared.quantum.backends import BACKENDS, HARDWARE, Declaration
from shared.quantum.devices import Device
from shared.quantum.named_backends import NamedBackend
from shared.queues import QUEUES

Row = dict[str, Any]
Named = Mapping[str, NamedBackend]
UNMEASURED: Row = {
    "connectivity": None, "basis_gates": None, "error_rate": None, "max_shots": None, "calibration": None,
    "seen_at": None, "stale": False,
}  # fmt: skip
"""Members that only devices have."""


@dataclass(frozen=True, slots=True)
class Queues:
    """The state of all queues.

    Attributes:
        up_s: uptime of the oldest live worker in seconds, of each queue with live workers.
        waiting: tasks that wait, by queue.
        seen: devices of providers with their calibrations, by backend.
        refusals: why providers accept no jobs of this account, by backend.
    """

    up_s: Mapping[str, float]
    waiting: Mapping[str, int]
    seen: Mapping[str, Sequence[Seen]]
    refusals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A provider's device, as its workers last saw it.

    Attributes:
        watched: its state.
        device: its calibration.
        stale: whether that is too long ago to refuse a job.
    """

    watched: Watched
    device: Device
    stale: bool


def queues(connection: Connection, stale_s: float) -> Queues:
    """Read the state of all queues, and of providers' devices; those seen longer ago than this are stale."""
    crews = observation.workers(connection)
    loads = observation.queues(connection, QUEUES)
    asked = {name: watched_devices.read(connection, name) for name in HARDWARE}
    watches = {name: watch for name, watch in asked.items() if watch is not None}
    return Queues(
        {crew.queue: crew.up_s for crew in crews if crew.live},
        {load.queue: load.ready + load.delayed + load.queued for load in loads},
        {name: _seen(connection, name, watch, stale_s) for name, watch in watches.items()},
        {name: str(watch.refusal["message"]) for name, watch in watches.items() if watch.refusal},
    )


def _seen(connection: Connection, backend: str, watch: Watch, stale_s: float) -> list[Seen]:
    return [
        Seen(one, watching.calibrated(connection, backend, one), one.age_s > stale_s)
        for one in watch.devices.values()
    ]


def rows(known: Queues, named: Named) -> list[Row]:
    """Return all backends, then those of the operator's, then devices of providers, then simulated ones."""
    return [
        *(_declared(known, backend) for backend in BACKENDS.values()),
        *(_named(known, backend) for backend in named.values()),
        *(_watched(known, name, seen) for name, found in sorted(known.seen.items()) for seen in found),
        *(
            _device(known, backend, device)
            for backend in BACKENDS.values()
            if backend.simulates_devices
            for device in backend.calibrations
        ),
    ]


def row(known: Queues, named: Named, name: str) -> Row:
    """Return one backend or device, with its whole calibration.

    Raises:
        NotFound: there is none of this name.
    """
    if name in named:
        return _named(known, named[name])
    try:
        chosen = BackendName.of(name) if ":" in name else BackendName(name)
        if chosen.backend not in BACKENDS:
            raise NotFound(f"there is no backend {name!r}")
        if not chosen.device:
            return _declared(known, chosen.declared)
        if not chosen.declared.simulates_devices:
            return _of_provider(known, chosen)
        found = _device(known, chosen.declared, chosen.device)
    except BadInput as error:
        raise NotFound(f"there is no backend {name!r}: {error}") from None
    return _whole(found, devices.load(chosen.device))


def _of_provider(known: Queues, chosen: BackendName) -> Row:
    """Return a provider's device, or its backend if it has not been seen."""
    for seen in known.seen.get(chosen.backend, ()):
        if seen.watched.device == chosen.device:
            return _whole(_watched(known, chosen.backend, seen), seen.device)
    return _declared(known, chosen.declared)


def _whole(found: Row, device: Device) -> Row:
    whole = device.model_dump(mode="json", include={"qubits", "gates", "coupling"})
    return found | {"calibration": found["calibration"] | whole}


def _watched(known: Queues, backend: str, seen: Seen) -> Row:
    told = _declared(known, BACKENDS[backend])
    one = seen.watched
    why = told["why"] or ("" if one.accepts else f"its status is {one.status!r}")
    return told | calibration_summary.summary(seen.device) | {
        "name": str(BackendName(backend, one.device)), "devices": False, "available": not why, "why": why,
        "status": "online" if not why else "offline", "queue_length": one.queue_length,
        "seen_at": one.seen_at.isoformat(), "stale": seen.stale, "noise_model": None,
    }  # fmt: skip


def _declared(known: Queues, backend: Declaration) -> Row:
    shown = backend.shown(live=backend.queue in known.up_s)
    refusal = known.refusals.get(backend.name)
    return _row(
        known, shown | {"available": False, "why": refusal} if refusal and not shown["why"] else shown
    )


def _named(known: Queues, backend: NamedBackend) -> Row:
    row = _row(known, backend.shown(known.up_s.keys()))
    return row if backend.noise_model is None else row | {"noise_model": "backend"}


def _device(known: Queues, backend: Declaration, device: str) -> Row:
    told = _declared(known, backend) | calibration_summary.of_simulated(device)
    return told | {"name": str(BackendName(backend.name, device)), "devices": False}


def _row(known: Queues, shown: Row) -> Row:
    """Add the state of its queue to a backend."""
    queue = shown["queue"]
    return UNMEASURED | {
        **shown,
        "qubit_count": shown["max_qubits"],
        "noise_model": "job" if shown["noise"] else None,
        "status": "online" if shown["available"] else "offline",
        "queue_length": known.waiting.get(queue, 0),
        "uptime": known.up_s.get(queue),
    }
