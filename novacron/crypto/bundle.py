"""Hybrid signatures: a post-quantum and a classical one over the same statement, valid only together.

The statement contains the purpose, both keys and the digest of the content, so that neither signature can be
omitted, swapped, or used for another purpose.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from novacron.crypto.canonical import canonical
from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.crypto.signature import CLASSICAL, POST_QUANTUM, Signer, verify
from novacron.errors import BadInput, NotAuthentic

FORMAT = "novacron-signature-1"
DOCUMENT = "document"
_PURPOSE = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Digest:
    """The signed digest of a content.

    Attributes:
        sha512: hexadecimal digest.
        length: length in bytes.
    """

    sha512: str
    length: int

    @classmethod
    def of(cls, source: BinaryIO) -> Digest:
        """Return the digest of a stream, in constant memory."""
        digest, length = hashlib.sha512(), 0
        while chunk := source.read(1 << 18):
            digest.update(chunk)
            length += len(chunk)
        return cls(digest.hexdigest(), length)


def sign(
    content: BinaryIO | Digest, keys: Sequence[PrivateKey | Signer], *, purpose: str = DOCUMENT
) -> dict[str, Any]:
    """Sign a content with two keys.

    Args:
        content: a stream, or its digest.
        keys: one key of a post-quantum and one of a classical algorithm, in any order.
        purpose: purpose of the signature, which verification must name.

    Raises:
        BadInput: the keys are not such a pair, or the purpose is not a word.
    """
    signers = _paired([Signer.of(key) if isinstance(key, PrivateKey) else key for key in keys])
    digest = content if isinstance(content, Digest) else Digest.of(content)
    statement = {
        "format": FORMAT,
        "purpose": _checked(purpose),
        "sha512": digest.sha512,
        "length": digest.length,
        "signed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "signers": [_named(one) for one in signers],
    }
    message, context = canonical(statement), _context(purpose)
    signatures = [
        {"public_key": _base64(one.public.raw), "value": _base64(one.sign(message, context))}
        for one in signers
    ]
    return {"statement": statement, "signatures": signatures}


def verify_bundle(
    content: BinaryIO | Digest,
    bundle: Mapping[str, Any],
    trusted: Collection[PublicKey],
    *,
    purpose: str = DOCUMENT,
) -> dict[str, Any]:
    """Return the statement if both signatures verify and both keys are trusted.

    Args:
        content: a stream, or its digest.
        bundle: what `sign` returned.
        trusted: keys whose signature counts.
        purpose: required purpose of the signature.

    Raises:
        NotAuthentic: the content, the statement or a signature was changed, or a key is not trusted.
        BadInput: the bundle is malformed.
    """
    statement, keys, values = _parsed(bundle)
    message, context = canonical(statement), _context(_checked(purpose))
    good = [verify(key, message, value, context) for key, value in zip(keys, values, strict=True)]
    digest = content if isinstance(content, Digest) else Digest.of(content)
    if not all(good) or statement["purpose"] != purpose:
        raise NotAuthentic("the signature is invalid: its statement was changed, or is another key's")
    if Digest(statement["sha512"], statement["length"]) != digest:
        raise NotAuthentic("the content is not what was signed")
    known = {key.fingerprint for key in trusted}
    if unknown := [key.fingerprint for key in keys if key.fingerprint not in known]:
        raise NotAuthentic(f"both signatures are valid, but their keys are not trusted: {', '.join(unknown)}")
    return statement


def _paired(signers: list[Signer]) -> list[Signer]:
    kinds = [one.public.algorithm for one in signers]
    for kind in (POST_QUANTUM, CLASSICAL):
        if len(signers) != 2 or sum(name in kind for name in kinds) != 1:
            raise BadInput(
                "a signature takes two keys, one post-quantum and one classical",
                field="keys", value=", ".join(kinds), hint="ML-DSA-65 with Ed25519, say",
            )  # fmt: skip
    return sorted(signers, key=lambda one: one.public.algorithm in CLASSICAL)


def _named(signer: Signer) -> dict[str, str]:
    return {
        "algorithm": signer.public.algorithm,
        "fingerprint": signer.public.fingerprint,
        "key_id": signer.key_id,
    }


def _parsed(bundle: Mapping[str, Any]) -> tuple[dict[str, Any], list[PublicKey], list[bytes]]:
    """Return statement, keys and signatures; each key must be the one that the statement names."""
    try:
        statement, signatures = bundle["statement"], bundle["signatures"]
        names = [one["algorithm"] for one in statement["signers"]]
        keys = [
            PublicKey(name, base64.b64decode(one["public_key"], validate=True))
            for name, one in zip(names, signatures, strict=True)
        ]
        values = [base64.b64decode(one["value"], validate=True) for one in signatures]
        signers = [(one["algorithm"], one["fingerprint"]) for one in statement["signers"]]
        whole = (statement["format"], set(statement)) == (FORMAT, _MEMBERS)
    except (KeyError, TypeError, ValueError):
        raise BadInput("this is not a hybrid signature") from None
    pair = len(names) == 2 and names[0] in POST_QUANTUM and names[1] in CLASSICAL
    if not (whole and pair and signers == [(key.algorithm, key.fingerprint) for key in keys]):
        raise BadInput("this is not a hybrid signature, or its parts do not belong together")
    return statement, keys, values


_MEMBERS = {"format", "purpose", "sha512", "length", "signed_at", "signers"}


def _context(purpose: str) -> bytes:
    """Return ML-DSA's context string: product and purpose."""
    return b"NovaCron/" + purpose.encode()


def _checked(purpose: str) -> str:
    if not _PURPOSE.fullmatch(purpose):
        raise BadInput("must be a word of small letters, digits and hyphens", field="purpose", value=purpose)
    return purpose


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
