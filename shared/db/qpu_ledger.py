"""The ledger of devices: what tasks reserved of providers' devices before submission, and what they were charged.

One entry per task. A reservation counts against the job's budget until the provider states its charge.
"""

from __future__ import annotations

from dataclasses import dataclass

from novacron.specs.base import Budget
from shared.db.session import Connection
from shared.db.statements import statement

SPENT = statement("qpu_ledger.spent")
RESERVE = statement("qpu_ledger.reserve")
SETTLE = statement("qpu_ledger.settle")


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
