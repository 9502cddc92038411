"""The tables of migrations being carried out: who holds one, how far each step is, what drifted since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.tables import NOW, Base


class Migration(Base):
    """A plan that has been started: the job that carries it out or undoes it, alone."""

    __tablename__ = "migrations"
    plan_id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    job_id: Mapped[str]
    state: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        CheckConstraint(
            "state IN ('running', 'waiting', 'completed', 'failed', 'rolling_back', 'rolled_back')",
            name="migration_state_known",
        ),
        Index(
            "migrations_under_way",
            "plan_id",
            postgresql_where=text("state IN ('running', 'waiting', 'rolling_back')"),
        ),
    )


class MigrationStep(Base):
    """One step: what was there before it, and what proves that it was done.

    `checkpoint` is written before the step's first effect and never holds a secret; `facts` are what later
    steps need of it, such as the id of a key it made.
    """

    __tablename__ = "migration_steps"
    plan_id: Mapped[str] = mapped_column(
        ForeignKey("migrations.plan_id", ondelete="CASCADE"), primary_key=True
    )
    step_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    step: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(server_default="pending")
    job_id: Mapped[str]
    checkpoint: Mapped[Any | None] = mapped_column(JSON)
    facts: Mapped[Any] = mapped_column(JSONB, server_default="{}")
    evidence: Mapped[Any | None] = mapped_column(JSON)
    error: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "state IN ('pending', 'started', 'done', 'failed', 'waiting', 'rolled_back')",
            name="migration_step_state_known",
        ),
        CheckConstraint(
            "state NOT IN ('started', 'done') OR checkpoint IS NOT NULL",
            name="migration_step_has_checkpoint",
        ),
    )


class DriftFinding(Base):
    """An endpoint of a carried out plan that was seen to offer less than the plan left it with."""

    __tablename__ = "drift_findings"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("migrations.plan_id", ondelete="CASCADE"))
    target: Mapped[str]
    severity: Mapped[str]
    text: Mapped[str]
    observed: Mapped[Any] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (Index("drift_findings_of_plan", "plan_id", "id"),)
