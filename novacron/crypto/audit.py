"""The audit log as anybody can check it: entries chained by hash, the newest of them signed.

An entry's hash is SHA-256 over its canonical JSON (RFC 8785), the hash of the entry before it included. So
whoever changes, removes or inserts an entry changes every hash after it, and the signature over the last one
no longer fits.
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
"""Context string of the signatures (FIPS 204, section 5.2): they are good for nothing else."""
ALGORITHM = "ML-DSA-65"
GENESIS = bytes(32)
"""What stands for the hash before the first entry."""
FIELDS = ("tenant", "seq", "at", "actor", "action", "subject", "details", "previous")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a log found.

    Attributes:
        n_entries: entries whose hashes hold, from the first on.
        n_signed: entries that the signature covers.
        why: what is wrong and where, empty where nothing is.
        fingerprint: of the key that signed, as `novacron.crypto.PublicKey` has it; empty without one.
    """

    n_entries: int
    n_signed: int
    why: str
    fingerprint: str = ""

    @property
    def good(self) -> bool:
        """Whether every entry is as it was written, and all of them are signed."""
        return not self.why


def entry_hash(entry: Mapping[str, Any]) -> bytes:
    """The hash of an entry, over all of `FIELDS`."""
    return hashlib.sha256(canonical({name: entry[name] for name in FIELDS})).digest()


def head_statement(tenant: int, seq: int, hash_: bytes) -> bytes:
    """What is signed: that the tenant's log is, up to this entry, what this hash says."""
    return canonical({"tenant": tenant, "seq": seq, "hash": hash_.hex()})


def verify(log: Mapping[str, Any]) -> Verdict:
    """Check an exported log, whoever signed it: the verdict names the key, which the caller must know.

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
            return Verdict(n_entries, 0, f"the signature over entry {seq} does not hold", key.fingerprint)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise BadInput("this is not an exported audit log") from None
    why = f"entries {seq + 1} to {n_entries} are not signed" if seq < n_entries else ""
    return Verdict(n_entries, seq, why, key.fingerprint)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _chained(entries: Iterable[Mapping[str, Any]]) -> tuple[int, str]:
    """How many entries hold from the first on, and what is wrong with the next one."""
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
