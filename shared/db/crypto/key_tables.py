"""The tables of keys, of key-encryption keys, and of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, CheckConstraint, ForeignKey, Index, event, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.tables import NOW, Base

OWN_USES = "usage IN ('audit', 'results', 'transport')"


class Kek(Base):
    """A key-encryption key by its id, with its state: current, retiring or retired."""

    __tablename__ = "keks"
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="current")
    effect: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    retired_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("state IN ('current', 'retiring', 'retired')", name="kek_state_known"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="kek_end_is_dated"),
        Index("kek_in_use", "state", unique=True, postgresql_where=text("state = 'current'")),
    )


class Key(Base):
    """A tenant's key: its usage, and its current version."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    label: Mapped[str | None]
    usage: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="active")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str]
    retired_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "usage IN ('sign', 'decrypt', 'decapsulate', 'audit', 'results', 'transport')",
            name="key_usage_known",
        ),
        CheckConstraint("state IN ('active', 'retired', 'destroyed')", name="key_state_known"),
        CheckConstraint("(state = 'active') = (retired_at IS NULL)", name="key_retirement_is_dated"),
        CheckConstraint("(state = 'destroyed') = (destroyed_at IS NOT NULL)", name="key_end_is_dated"),
        Index("keys_of_tenant", "tenant_id", text("id DESC")),
        Index(
            "keys_of_own_use",
            "tenant_id",
            "usage",
            unique=True,
            postgresql_where=text(f"{OWN_USES} AND state = 'active'"),
        ),
    )


class KeyVersion(Base):
    """One key pair; the private key is sealed under its own DEK, which is wrapped by a KEK."""

    __tablename__ = "key_versions"
    key_id: Mapped[str] = mapped_column(ForeignKey("keys.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    algorithm: Mapped[str]
    public_key: Mapped[bytes]
    public_key_pem: Mapped[str | None]
    kek_id: Mapped[str | None] = mapped_column(ForeignKey("keks.id"))
    wrapped_dek: Mapped[bytes | None]
    sealed: Mapped[bytes | None]
    origin: Mapped[str]
    seedless: Mapped[bool] = mapped_column(server_default=text("false"))
    effect: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str]
    destroyed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("origin IN ('generated', 'imported')", name="key_origin_known"),
        CheckConstraint(
            "num_nulls(kek_id, wrapped_dek, sealed) = CASE WHEN destroyed_at IS NULL THEN 0 ELSE 3 END",
            name="key_destroyed_is_gone",
        ),
        Index("key_versions_of_kek", "kek_id", postgresql_where=text("kek_id IS NOT NULL")),
    )


class AuditEntry(Base):
    """One action, chained to the previous one by hash; a trigger rejects every change.

    There is no foreign key to the tenant: entries outlive the actor.
    """

    __tablename__ = "audit_log"
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[Any] = mapped_column(JSON)
    previous: Mapped[bytes]
    hash: Mapped[bytes]


REFUSAL = DDL(  # type: ignore[no-untyped-call]
    """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is only appended to'; END $$
"""
)
APPEND_ONLY = DDL(  # type: ignore[no-untyped-call]
    """
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
)
for definition in (REFUSAL, APPEND_ONLY):
    event.listen(AuditEntry.__table__, "after_create", definition)


class AuditHead(Base):
    """The newest signature over a tenant's chain; it covers every entry up to its own."""

    __tablename__ = "audit_heads"
    tenant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[str]
    key_version: Mapped[int]
    signature: Mapped[bytes]
    signed_at: Mapped[datetime] = mapped_column(server_default=NOW)
