"""The tables of migrations in execution: the holding job, the state of each step, and drift findings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.tables import NOW, Base


class Migration(Base):
    """A started plan, with the one job that executes it or rolls it back."""

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
    """One step: the state before it, and the evidence of its completion.

    `checkpoint` is written before the step's first effect and never holds a secret; `facts` are values that
    later steps need, such as the id of a key it created.
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
    """An endpoint of an executed plan that was observed to offer less than the plan established."""

    __tablename__ = "drift_findings"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("migrations.plan_id", ondelete="CASCADE"))
    target: Mapped[str]
    severity: Mapped[str]
    text: Mapped[str]
    observed: Mapped[Any] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (Index("drift_findings_of_plan", "plan_id", "id"),)
