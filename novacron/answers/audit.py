"""The audit log: who did what to which key, certificate, plan or token."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from novacron.answers.answer import Answer


class AuditEntry(Answer, shown=("seq", "at", "actor", "action", "subject")):
    """One entry of a tenant's hash chain.

    Attributes:
        tenant: id number of the tenant.
        seq: number of the entry, from 1 without gaps.
        at: time of the action.
        actor: name of the token or process that acted.
        action: what was done, for example `key.rotate`.
        subject: id of the object acted upon.
        details: details of the action; never secret.
        previous: hash of the previous entry, in hexadecimal.
        hash: SHA-256 of the entry in canonical JSON, in hexadecimal.
    """

    tenant: int
    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    previous: str
    hash: str


class AuditHead(Answer, shown=("seq", "key_id", "key_version", "signed_at")):
    """A signature over the chain up to an entry.

    Attributes:
        seq: number of the newest entry that it covers.
        key_id: signing key.
        key_version: version of the signing key.
        algorithm: algorithm of the signing key; null if the key no longer exists.
        public_key: base64 of the encoded public key.
        signature: base64.
        signed_at: time of the signature.
    """

    seq: int
    key_id: str
    key_version: int
    algorithm: str | None
    public_key: str
    signature: str
    signed_at: datetime


class AuditLog(Answer, shown=("entries", "head")):
    """A tenant's audit log; `novacron.crypto.audit.verify` checks it.

    Attributes:
        entries: oldest first.
        head: newest signature; null if nothing is signed.
    """

    entries: list[AuditEntry]
    head: AuditHead | None
