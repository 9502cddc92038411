"""Tables of providers: their devices, and the jobs and charges of tasks there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.tables import NOW, Base


class ProviderJob(Base):
    """A task's possible job in a provider's queue: written before submission, closed when it has ended."""

    __tablename__ = "provider_jobs"
    task_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    queue: Mapped[str]
    backend: Mapped[str]
    device: Mapped[str]
    tag: Mapped[str]
    attempt: Mapped[int]
    provider_job: Mapped[str | None]
    submitting_at: Mapped[datetime] = mapped_column(server_default=NOW)
    cancelling_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    notes: Mapped[Any | None] = mapped_column(JSON)
    __table_args__ = (Index("provider_jobs_open", "queue", postgresql_where=text("closed_at IS NULL")),)


class ProviderWatch(Base):
    """When a provider was last asked for its devices, and what it said of the account."""

    __tablename__ = "watches"
    backend: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    refusal: Mapped[Any | None] = mapped_column(JSON)


class WatchedDevice(Base):
    """A provider's device as its workers last saw it (`shared.db.watched_devices`)."""

    __tablename__ = "watched_devices"
    backend: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(primary_key=True)
    accepts: Mapped[bool]
    status: Mapped[str]
    queue_length: Mapped[int | None]
    calibration_id: Mapped[str]
    calibration: Mapped[Any] = mapped_column(JSON)
    seen_at: Mapped[datetime]


class QPULedgerEntry(Base):
    """What a task reserved of a provider's device, and what it was charged (`shared.db.qpu_ledger`).

    Entries remain when their job is deleted.
    """

    __tablename__ = "qpu_ledger"
    task_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    job_id: Mapped[str]
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    backend: Mapped[str]
    device: Mapped[str]
    n_circuits: Mapped[int]
    shots: Mapped[int] = mapped_column(BigInteger)
    reserved_s: Mapped[float]
    reserved_usd: Mapped[float | None]
    charged_s: Mapped[float | None]
    charged_usd: Mapped[float | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    settled_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("(settled_at IS NULL) = (charged_s IS NULL)", name="qpu_ledger_settled_has_a_charge"),
        Index("qpu_ledger_by_job", "job_id"),
        Index("qpu_ledger_by_tenant", "tenant_id", "at"),
    )
