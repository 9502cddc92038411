"""Recorded uses of a stored key: how often, where and when last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from novacron.crypto.pki.names import text_of
from shared.db.crypto.keys import StoredKey
from shared.db.session import Connection

USING = ("sign", "sign_bundle", "verify", "rewrap_envelope", "import_key")


@dataclass(frozen=True, slots=True)
class Use:
    """One kind of use of a key.

    Attributes:
        what: description of the operation.
        where: the user, the certificate or the folder.
        count: number of uses.
        last_at: time of the last use; None if not recorded.
    """

    what: str
    where: str
    count: int
    last_at: datetime | None

    def document(self) -> dict[str, Any]:
        """Return the use as JSON."""
        last = self.last_at.isoformat() if self.last_at else None
        return {"what": self.what, "where": self.where, "count": self.count, "last_at": last}

    def __str__(self) -> str:
        last = f", last on {self.last_at:%Y-%m-%d}" if self.last_at else ""
        return f"{self.what} {self.count} times, {self.where}{last}"


JOBS = """
SELECT spec ->> 'operation', plan ->> 'submitted_by', count(*), max(created_at) FROM jobs
WHERE tenant_id = %(tenant)s AND kind = 'cryptographic' AND state = 'completed'
  AND spec ->> 'operation' = ANY(%(using)s::text[])
  AND (%(key)s IN (spec ->> 'key_id', spec ->> 'transport_key') OR (spec -> 'key_ids')::jsonb ? %(key)s)
GROUP BY 1, 2 ORDER BY 1, 2
"""
RESULTS = """
SELECT 'sign_result', plan ->> 'submitted_by', count(*), max(created_at) FROM jobs
WHERE tenant_id = %(tenant)s AND kind = 'cryptographic' AND state = 'completed'
  AND spec ->> 'operation' = 'sign_result'
GROUP BY 2 ORDER BY 2
"""
AUTHORITIES = """
SELECT c.id, c.der, count(b.id), max(b.created_at) FROM certificates c JOIN certificates b ON b.issuer_id = c.id
WHERE c.tenant_id = %(tenant)s AND c.key_id = %(key)s GROUP BY c.id ORDER BY c.id
"""
LISTS = """
SELECT c.id, c.der, count(*), max(l.made_at) FROM certificates c JOIN crls l ON l.issuer_id = c.id
WHERE c.tenant_id = %(tenant)s AND c.key_id = %(key)s GROUP BY c.id ORDER BY c.id
"""
AUDIT = "SELECT count(*), max(at) FROM audit_log WHERE tenant_id = %(tenant)s"


def of(connection: Connection, tenant_id: int, key: StoredKey) -> list[Use]:
    """Return every recorded use of a key, by operation and user."""
    given = {"tenant": tenant_id, "key": key.key_id, "using": list(USING)}
    jobs = connection.execute(RESULTS if key.usage == "results" else JOBS, given)
    found = [Use(what, f"by {who or 'unknown'}", count, last) for what, who, count, last in jobs]
    for what, query in (("issued certificates", AUTHORITIES), ("signed revocation lists", LISTS)):
        rows = connection.execute(query, given)
        found += [Use(what, f"as {_subject(der)} ({name})", count, last) for name, der, count, last in rows]
    if key.usage == "audit" and (row := connection.execute(AUDIT, given).fetchone()):
        found.append(Use("signed the audit log", "by the service", *row))
    return found


def _subject(der: bytes) -> str:
    return text_of(x509.load_der_x509_certificate(der).subject)
