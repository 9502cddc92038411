"""The ledger of devices: what tasks reserved of providers' devices before submission, and what they were charged.

One entry per task. A reservation counts against the job's budget until the provider states its charge.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from novacron.specs.base import Budget
from shared.db.session import Connection
from shared.db.statements import statement

SPENT = statement("qpu_ledger.spent")
RESERVE = statement("qpu_ledger.reserve")
SETTLE = statement("qpu_ledger.settle")
OF_JOB = statement("qpu_ledger.of_job")
OF_TENANT = statement("qpu_ledger.of_tenant")


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a task is about to use.

    Attributes:
        task_id: the task.
        job_id: its job.
        tenant_id: tenant of the job.
        backend: name of the backend.
        device: name of its device.
        n_circuits: number of circuits with all parameters bound.
        shots: shots of each.
        qpu_s: expected seconds of the device.
        usd: expected price, None if unknown.
    """

    task_id: int
    job_id: str
    tenant_id: int
    backend: str
    device: str
    n_circuits: int
    shots: int
    qpu_s: float
    usd: float | None


@dataclass(frozen=True, slots=True)
class Short:
    """A budget that does not cover a reservation.

    Attributes:
        field: the limit: `qpu_seconds` or `usd`.
        limit: its value.
        spent: what other tasks of the job have reserved or used.
        wanted: what the task would use.
    """

    field: str
    limit: float
    spent: float
    wanted: float

    def __str__(self) -> str:
        """Return the reason as text."""
        unit = "s of QPU time" if self.field == "qpu_seconds" else "USD"
        return (
            f"budget.{self.field}: {self.wanted:.4g} {unit} are needed, and {self.limit - self.spent:.4g} "
            f"of {self.limit:.4g} are left"
        )


@dataclass(frozen=True, slots=True)
class Account:
    """Sums over the entries of one device.

    Attributes:
        backend: name of the backend.
        device: name of its device.
        n_tasks: number of entries.
        n_circuits: number of circuits.
        n_shots: number of shots of all circuits.
        reserved_s: seconds reserved.
        reserved_usd: dollars reserved, None if no price is known.
        charged_s: seconds charged, None if nothing has been settled.
        charged_usd: dollars charged, None if nothing has been settled or no price is known.
        n_open: number of entries that are not settled.
        qpu_s: seconds charged, or reserved by entries that are not settled.
        usd: their price in dollars, None if some price is unknown.
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
    qpu_s: float
    usd: float | None

    def shown(self) -> dict[str, Any]:
        """Return its representation in the API."""
        return {name: value for name, value in asdict(self).items() if name not in ("qpu_s", "usd")}


def reserve(connection: Connection, wanted: Reservation, budget: Budget | None) -> Short | None:
    """Write a task's entry; return the limit that does not cover it, in which case nothing is written.

    Args:
        connection: durable, outside a transaction.
        wanted: the reservation.
        budget: limits of the job, None for none.
    """
    with connection.transaction():
        # Tasks of one job reserve one after the other: each sees the others' reservations.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (wanted.job_id,))
        arguments = {"job": wanted.job_id, "task": wanted.task_id}
        qpu_s, usd = connection.execute(SPENT, arguments).fetchone() or (0.0, 0.0)
        if budget is not None:
            limits = (
                ("qpu_seconds", budget.qpu_seconds, qpu_s, wanted.qpu_s),
                ("usd", budget.usd, usd, wanted.usd),
            )
            for field, limit, spent, more in limits:
                if limit is not None and more is not None and spent + more > limit:
                    return Short(field, limit, spent, more)
        row = {
            "tenant": wanted.tenant_id, "backend": wanted.backend, "device": wanted.device,
            "n_circuits": wanted.n_circuits, "shots": wanted.shots, "qpu_s": wanted.qpu_s, "usd": wanted.usd,
        }  # fmt: skip
        connection.execute(RESERVE, arguments | row)
    return None


def settle(connection: Connection, task_id: int, qpu_s: float, usd: float | None) -> None:
    """Record the charge of a task's entry, unless that is settled or there is none."""
    connection.execute(SETTLE, {"task": task_id, "qpu_s": qpu_s, "usd": usd})


def of_job(connection: Connection, job_id: str) -> list[Account]:
    """Return the sums of a job by device."""
    return [Account(*row) for row in connection.execute(OF_JOB, {"job": job_id})]


def of_tenant(connection: Connection, tenant_id: int, since: datetime | None = None) -> list[Account]:
    """Return the sums of a tenant by device, of all time or since a moment."""
    arguments = {"tenant": tenant_id, "since": since}
    return [Account(*row) for row in connection.execute(OF_TENANT, arguments)]
