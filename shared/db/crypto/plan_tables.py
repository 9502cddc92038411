"""The table of migration plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.tables import NOW, Base


class MigrationPlan(Base):
    """An immutable plan; its progress is stored in `migrations`."""

    __tablename__ = "migration_plans"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str]
    document: Mapped[Any] = mapped_column(JSON)
    role: Mapped[str | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "idempotency_key", "role", name="migration_plan_idempotent"),
        Index("migration_plans_of_tenant", "tenant_id", text("created_at DESC"), "id"),
    )
