"""Use of providers' devices, and what it costs."""

from __future__ import annotations

from novacron.answers.answer import Answer


class DeviceCost(Answer, shown=("backend", "device", "n_tasks", "n_shots", "charged_s", "charged_usd")):
    """Use of one device.

    Attributes:
        backend: backend of the device.
        device: its name.
        n_tasks: number of submissions.
        n_circuits: number of circuits.
        n_shots: number of shots of all circuits.
        reserved_s: seconds of the device reserved before submission.
        reserved_usd: their price in US dollars; null if no price is known.
        charged_s: seconds charged by the provider; null if it has stated none yet.
        charged_usd: their price in US dollars; null likewise.
        n_open: number of submissions whose charge is not known yet.
    """

    backend: str
    device: str
    n_tasks: int
    n_circuits: int
    n_shots: int
    reserved_s: float
    reserved_usd: float | None
    charged_s: float | None
    charged_usd: float | None
    n_open: int


class Cost(Answer, shown=("tenant", "qpu_s", "usd")):
    """Use of all devices; reservations count until the charge is known.

    Attributes:
        tenant: name of the tenant.
        qpu_s: seconds of devices.
        usd: price in US dollars; null if a price is unknown.
        devices: use of each device.
    """

    tenant: str
    qpu_s: float
    usd: float | None
    devices: list[DeviceCost]
