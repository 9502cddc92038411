"""Verification of the audit log: hash-chained entries with a signed head.

An entry's hash is SHA-256 over its canonical JSON (RFC 8785), which includes the previous entry's hash. So
changing, removing or inserting an entry changes every later hash, and the signature over the last one no
longer verifies.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from novacron.crypto.canonical import canonical
from novacron.errors import BadInput

CONTEXT = b"novacron audit head"
"""Context string of the signatures (FIPS 204, section 5.2), which binds them to this purpose."""
ALGORITHM = "ML-DSA-65"
GENESIS = bytes(32)
"""Previous hash of the first entry."""
FIELDS = ("tenant", "seq", "at", "actor", "action", "subject", "details", "previous")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of verifying a log.

    Attributes:
        n_entries: number of entries whose hashes are valid, from the first.
        n_signed: number of entries that the signature covers.
        why: what is wrong and where, empty if nothing is.
        fingerprint: fingerprint of the signing key, as in `novacron.crypto.PublicKey`; empty without one.
    """

    n_entries: int
    n_signed: int
    why: str
    fingerprint: str = ""

    @property
    def good(self) -> bool:
        """Whether every entry is unchanged, and all of them are signed."""
        return not self.why


def entry_hash(entry: Mapping[str, Any]) -> bytes:
    """Return the hash of an entry, over all of `FIELDS`."""
    return hashlib.sha256(canonical({name: entry[name] for name in FIELDS})).digest()


def head_statement(tenant: int, seq: int, hash_: bytes) -> bytes:
    """Return the signed statement: up to this entry, the tenant's log has this hash."""
    return canonical({"tenant": tenant, "seq": seq, "hash": hash_.hex()})


def verify(log: Mapping[str, Any]) -> Verdict:
    """Verify an exported log; the verdict names the signing key, which the caller must check.

    Args:
        log: `{"entries": [...], "head": {...}}` as `novacron crypto audit export` writes it.

    Raises:
        BadInput: it is not an exported log, or the extra `crypto` is not installed.
    """
    from novacron.crypto.keys import PublicKey
    from novacron.crypto.signature import verify as is_signed

    try:
        n_entries, why = _chained(log["entries"])
        head = log["head"]
        if head is None:
            return Verdict(n_entries, 0, why or ("it is not signed" if n_entries else ""))
        seq, key = int(head["seq"]), PublicKey(ALGORITHM, _decoded(head["public_key"]))
        if not why and seq > n_entries:
            why = f"entries {n_entries + 1} to {seq} are missing: the signature covers them"
        if why or seq < 1:
            return Verdict(n_entries, 0, why or "it is not signed", key.fingerprint)
        entry = log["entries"][seq - 1]
        statement = head_statement(entry["tenant"], seq, bytes.fromhex(entry["hash"]))
        if not is_signed(key, statement, _decoded(head["signature"]), CONTEXT):
            return Verdict(n_entries, 0, f"the signature over entry {seq} is invalid", key.fingerprint)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadInput("this is not an exported audit log") from None
    why = f"entries {seq + 1} to {n_entries} are not signed" if seq < n_entries else ""
    return Verdict(n_entries, seq, why, key.fingerprint)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _chained(entries: Iterable[Mapping[str, Any]]) -> tuple[int, str]:
    """Return the number of valid entries, from the first, and what is wrong with the next one."""
    previous, count = GENESIS, 0
    for entry in entries:
        number = count + 1
        if entry["seq"] != number:
            return count, f"entry {number} is missing: number {entry['seq']} stands in its place"
        if entry["previous"] != previous.hex():
            return count, f"entry {number} does not follow the one before it"
        previous = entry_hash(entry)
        if previous.hex() != entry["hash"]:
            return count, f"entry {number} was changed after it was written"
        count = number
    return count, ""
