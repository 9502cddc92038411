"""Envelopes, hybrid signatures and signed results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from novacron.answers.answer import Answer
from novacron.answers.operation import Performed


class RewrappedHeader(Performed, shown=("envelope_id", "recipients")):
    """The header of an envelope for changed recipients; the payload is unchanged.

    Attributes:
        header: base64 of the encoded header.
        recipients: names of the keys that open the envelope.
        envelope_id: id of the envelope, in hexadecimal.
        key_id: stored key that opened it.
    """

    header: str
    recipients: list[str]
    envelope_id: str
    key_id: str


class Signer(Answer, shown=("algorithm", "key_id")):
    """One of the two keys of a hybrid signature.

    Attributes:
        algorithm: algorithm of the key.
        fingerprint: fingerprint of the public key.
        key_id: key and version, `key_.../1`.
    """

    algorithm: str
    fingerprint: str
    key_id: str


class Statement(Answer, shown=("purpose", "sha512", "length", "signed_at")):
    """The statement signed by both signatures of a bundle, as canonical JSON (RFC 8785).

    Attributes:
        format: `novacron-signature-1`.
        purpose: what the signature is for.
        sha512: digest of the content, in hexadecimal.
        length: length of the content, in bytes.
        signed_at: time by the worker's clock.
        signers: both keys, in the order of the signatures.
    """

    format: str
    purpose: str
    sha512: str
    length: int
    signed_at: datetime
    signers: list[Signer]


class Signature(Answer):
    """A signature by one key.

    Attributes:
        public_key: base64 of the encoded public key.
        value: base64 of the signature.
    """

    public_key: str
    value: str


class SignatureBundle(Answer, shown=("statement",)):
    """A hybrid signature: a post-quantum and a classical one over the same statement.

    Attributes:
        statement: the signed statement.
        signatures: the post-quantum and the classical one.
    """

    statement: Statement
    signatures: list[Signature]


class ResultSignature(Answer, shown=("algorithm", "key_id", "signed_at")):
    """A signature over the digests of a job, its result and its receipt.

    Attributes:
        format: `novacron-result-1`.
        algorithm: algorithm of the key.
        key_id: key and version, `key_.../1`.
        public_key: base64 of the encoded public key.
        signed_at: time by the worker's clock.
        digests: SHA-512 of each part's canonical JSON, in hexadecimal.
        value: base64 of the signature over all other fields.
    """

    format: str
    algorithm: str
    key_id: str
    public_key: str
    signed_at: datetime
    digests: dict[str, str]
    value: str


class SignedResult(Answer, shown=("signature",)):
    """A completed job with its result and receipt, signed.

    Attributes:
        job: `job_id`, `kind`, `name`, `created_at`, `finished_at` and `spec` of the job.
        result: as in the job document, without its receipt.
        receipt: provenance of the result.
        signature: signature over the digests of the three.
    """

    job: dict[str, Any]
    result: dict[str, Any]
    receipt: dict[str, Any]
    signature: ResultSignature
