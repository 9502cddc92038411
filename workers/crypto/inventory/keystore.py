"""The tenant's stored keys, and the data that previous versions still protect."""

from __future__ import annotations

import base64
import hashlib

from novacron.migration import Finding
from shared.crypto.found import Findings, Found
from shared.db.crypto import certificates, keys
from shared.db.crypto.keys import KeyVersion, StoredKey
from shared.db.session import Connection

PAGE = 200
SIGNING = ("sign", "audit", "results")
"""Usages of signing keys; the others decrypt."""


def search(connection: Connection, tenant_id: int) -> Findings:
    """Yield one asset per key: its current version."""
    after, certified = None, certificates.of_keys(connection, tenant_id)
    while page := keys.listing(connection, tenant_id, limit=PAGE, after=after):
        for one in page:
            if one.state != "destroyed":
                yield _found(one, certified.get(one.key_id))
        after = page[-1].key_id


def _found(key: StoredKey, certified: bool | None) -> Found:
    """Return the asset of a key.

    Args:
        key: the key.
        certified: whether one of its valid certificates is a CA's; None if it has none.
    """
    older = [one for one in key.versions if one.version != key.version and one.destroyed_at is None]
    return Found(
        "keystore_key", key.label or key.key_id, key.key_id, key.algorithm,
        purposes=("authenticity",) if key.usage in SIGNING else ("confidentiality",),
        fingerprint=_fingerprint(key.current), not_before=key.current.created_at,
        details={
            "usage": key.usage, "state": key.state, "version": key.version,
            "older_versions": [{"version": one.version, "algorithm": one.algorithm} for one in older],
            "public_key_fingerprint": _standard_fingerprint(key.current), "certified": certified is not None,
            "ca": certified is True,
        },
        findings=_remarks(key, older),
    )  # fmt: skip


def _standard_fingerprint(version: KeyVersion) -> str | None:
    """Return the SubjectPublicKeyInfo fingerprint, as used for files and certificates, if the key has one."""
    text = version.public_key_pem or ""
    if text.count("-----BEGIN") != 1:
        return None
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    return "sha256:" + hashlib.sha256(base64.b64decode(body)).hexdigest()


def _fingerprint(version: KeyVersion) -> str:
    """Return the fingerprint of `novacron.crypto.keys.PublicKey.fingerprint`."""
    return "sha256:" + hashlib.sha256(version.algorithm.encode() + b"\0" + version.public_key).hexdigest()


def _remarks(key: StoredKey, older: list[KeyVersion]) -> tuple[Finding, ...]:
    names = sorted({one.algorithm for one in older if one.algorithm != key.algorithm})
    if not names:
        return ()
    return (Finding(severity="info", text=f"older versions of {', '.join(names)} are still kept"),)
