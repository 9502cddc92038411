"""The tables of certificates, of revocation lists and of OCSP responses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.tables import NOW, Base


class Certificate(Base):
    """A certificate issued by this installation; `issuer_id` is empty if it is self-signed."""

    __tablename__ = "certificates"
    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    issuer_id: Mapped[str | None] = mapped_column(ForeignKey("certificates.id"))
    companion_of: Mapped[str | None] = mapped_column(ForeignKey("certificates.id"))
    key_id: Mapped[str | None] = mapped_column(ForeignKey("keys.id"))
    key_version: Mapped[int | None]
    algorithm: Mapped[str]
    serial: Mapped[str]
    ca: Mapped[bool]
    not_after: Mapped[datetime]
    der: Mapped[bytes]
    effect: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]
    __table_args__ = (
        CheckConstraint("(key_id IS NULL) = (key_version IS NULL)", name="certificate_key_has_version"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revocation_reason IS NULL)", name="certificate_revocation_has_reason"
        ),
        CheckConstraint("revoked_at IS NULL OR issuer_id IS NOT NULL", name="certificate_revoked_by_issuer"),
        Index("certificates_of_tenant", "tenant_id", text("id DESC")),
        Index("certificates_beside", "companion_of", postgresql_where=text("companion_of IS NOT NULL")),
        Index("certificates_by_end", "not_after", postgresql_where=text("revoked_at IS NULL")),
        Index("certificate_serial", "issuer_id", "serial", unique=True),
    )


class Crl(Base):
    """A revocation list; the one with the highest number is in force."""

    __tablename__ = "crls"
    issuer_id: Mapped[str] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    der: Mapped[bytes]
    made_at: Mapped[datetime]
    next_update: Mapped[datetime]


class OcspResponse(Base):
    """The newest signed response for a certificate, by the hash algorithm of the request."""

    __tablename__ = "ocsp_responses"
    certificate_id: Mapped[str] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(primary_key=True)
    der: Mapped[bytes]
    made_at: Mapped[datetime]
    next_update: Mapped[datetime]
