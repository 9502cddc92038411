"""Backends as the API shows them: declared ones, the operator's and devices, with their queues' state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from novacron.errors import BadInput, NotFound
from shared.db import observation
from shared.db.session import Connection
from shared.quantum import calibration_summary, devices
from shared.quantum.backend_name import BackendName
from shared.quantum.backends import BACKENDS, Declaration
from shared.quantum.named_backends import NamedBackend
from shared.queues import QUEUES

Row = dict[str, Any]
Named = Mapping[str, NamedBackend]
UNMEASURED: Row = {
    "connectivity": None, "basis_gates": None, "error_rate": None, "max_shots": None, "calibration": None,
}  # fmt: skip
"""Members that only devices have."""


@dataclass(frozen=True, slots=True)
class Queues:
    """The state of all queues.

    Attributes:
        up_s: uptime of the oldest live worker in seconds, of each queue with live workers.
        waiting: tasks that wait, by queue.
    """

    up_s: Mapping[str, float]
    waiting: Mapping[str, int]


def queues(connection: Connection) -> Queues:
    """Read the state of all queues."""
    crews = observation.workers(connection)
    loads = observation.queues(connection, QUEUES)
    return Queues(
        {crew.queue: crew.up_s for crew in crews if crew.live},
        {load.queue: load.ready + load.delayed + load.queued for load in loads},
    )


def rows(known: Queues, named: Named) -> list[Row]:
    """Return all backends, then those of the operator's, then the simulated devices."""
    return [
        *(_declared(known, backend) for backend in BACKENDS.values()),
        *(_named(known, backend) for backend in named.values()),
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
        if not chosen.device or not chosen.declared.simulates_devices:
            return _declared(known, chosen.declared)
        found = _device(known, chosen.declared, chosen.device)
    except BadInput as error:
        raise NotFound(f"there is no backend {name!r}: {error}") from None
    whole = devices.load(chosen.device).model_dump(mode="json", include={"qubits", "gates", "coupling"})
    return found | {"calibration": found["calibration"] | whole}


def _declared(known: Queues, backend: Declaration) -> Row:
    return _row(known, backend.shown(live=backend.queue in known.up_s))


def _named(known: Queues, backend: NamedBackend) -> Row:
    row = _row(known, backend.shown(known.up_s.keys()))
    return row if backend.noise_model is None else row | {"noise_model": "backend"}


def _device(known: Queues, backend: Declaration, device: str) -> Row:
    told = _declared(known, backend) | calibration_summary.summary(device)
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
