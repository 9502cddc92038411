"""Signed job results: anyone can verify them without a server."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from novacron.crypto.canonical import canonical
from novacron.crypto.keys import PublicKey
from novacron.crypto.signature import Signer, verify
from novacron.errors import BadInput, Conflict, NotAuthentic

FORMAT = "novacron-result-1"
CONTEXT = b"NovaCron/result"
PARTS = ("job", "result", "receipt")
JOB = ("job_id", "kind", "name", "created_at", "finished_at", "spec")
SHOWN = 5
_MEMBERS = {"format", "algorithm", "key_id", "public_key", "signed_at", "digests", "value"}


@dataclass(frozen=True, slots=True)
class Verified:
    """A signed result with a valid signature.

    Attributes:
        key: the key that verifies it.
        key_id: the signer's name for it.
        signed_at: time by the signer's clock.
    """

    key: PublicKey
    key_id: str
    signed_at: str


def parts(job: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a completed job's document to sign: `job`, `result` and `receipt`.

    Raises:
        Conflict: the job has no result.
    """
    if job["status"] != "completed":
        raise Conflict(f"job {job['job_id']} is {job['status']}: only a completed job's result can be signed")
    result = job["result"] if isinstance(job["result"], Mapping) else {"value": job["result"]}
    return {
        "job": {name: job[name] for name in JOB},
        "result": {name: value for name, value in result.items() if name != "receipt"},
        "receipt": dict(result.get("receipt") or {}),
    }


def sign(signable: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """Sign what `parts` returned."""
    statement = {
        "format": FORMAT,
        "algorithm": signer.public.algorithm,
        "key_id": signer.key_id,
        "public_key": base64.b64encode(signer.public.raw).decode(),
        "signed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "digests": _digests(signable),
    }
    value = signer.sign(canonical(statement), CONTEXT)
    return {**statement, "value": base64.b64encode(value).decode()}


def verify_result(document: Mapping[str, Any]) -> Verified:
    """Verify the signature of a result and return its signer. Whether the signer is trusted is not checked.

    Raises:
        NotAuthentic: it was changed; the message names the part.
        BadInput: the document is not a signed result.
    """
    statement, key, value = _parsed(document)
    if not verify(key, canonical(statement), value, CONTEXT):
        raise NotAuthentic("the signature is invalid: the statement it signs was changed")
    found, signed = _digests(document), statement["digests"]
    if changed := sorted(name for name in {*found, *signed} if found.get(name) != signed.get(name)):
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        raise NotAuthentic(f"changed since it was signed: {', '.join(changed[:SHOWN])}{more}")
    return Verified(key, statement["key_id"], statement["signed_at"])


def trusted(verified: Verified, keys: Collection[PublicKey]) -> Verified:
    """Return the same if its key is among the trusted ones.

    Raises:
        NotAuthentic: it is not.
    """
    if verified.key not in keys:
        raise NotAuthentic(
            f"the signature is valid, but its key is not trusted: {verified.key.fingerprint}"
            f" ({verified.key.algorithm}, {verified.key_id})"
        )
    return verified


def _digests(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-512 digest of every member of every part, so that a change can be located."""
    return {
        f"{part}.{name}": hashlib.sha512(canonical(value)).hexdigest()
        for part in PARTS
        for name, value in document[part].items()
    }


def _parsed(document: Mapping[str, Any]) -> tuple[dict[str, Any], PublicKey, bytes]:
    try:
        signature = dict(document["signature"])
        if (
            signature["format"] != FORMAT
            or set(signature) != _MEMBERS
            or set(document) != {*PARTS, "signature"}
        ):
            raise ValueError
        if not all(isinstance(document[part], dict) for part in PARTS):
            raise ValueError
        if not isinstance(signature["digests"], dict):
            raise ValueError
        value = base64.b64decode(signature.pop("value"), validate=True)
        key = PublicKey(signature["algorithm"], base64.b64decode(signature["public_key"], validate=True))
    except (KeyError, TypeError, ValueError):
        raise BadInput(
            "this is not a signed result", hint="`novacron result ID --json --sign` writes one"
        ) from None
    return signature, key, value
