"""`client.envelopes`: envelopes, hybrid signatures and signed results, with keys of the store."""

from __future__ import annotations

import base64
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from novacron._transport.flows import Flow, call, idempotency_key
from novacron._transport.http import post, segment
from novacron.answers.envelope import SignatureBundle, SignedResult
from novacron.groups.group import AnyClient, Group, answered, operation

if TYPE_CHECKING:
    from novacron.crypto import PublicKey, Recipient


class Envelopes(Group[AnyClient]):
    """Operations with stored keys on envelopes and signatures; contents stay with the caller."""

    @operation
    def rewrap(
        self,
        header: bytes,
        key_id: str,
        *,
        add: Sequence[Recipient | PublicKey] = (),
        drop: Collection[str] = (),
        classical: bool = False,
    ) -> Flow[bytes]:
        """Have an envelope's header rewrapped with a stored key; the payload stays on the client.

        Args:
            header: header of the envelope, encoded.
            key_id: the stored key that opens it.
            add: recipients to add.
            drop: names of recipients to remove.
            classical: allow quantum-vulnerable keys.

        Returns:
            The new header, encoded.

        Raises:
            NotAuthentic: the envelope was changed, or is not for this key.
            BadInput: no recipients would remain.
        """
        wanted = {
            "header": base64.b64encode(header).decode(),
            "key_id": key_id,
            "add": [one.document() for one in add],
            "drop": [*drop],
            "classical": classical,
        }
        answer = yield from call(post("/api/crypto/envelopes/rewrap", wanted, idempotency_key()))
        return base64.b64decode(answer["header"])

    @operation
    def sign_digest(
        self, key_ids: Sequence[str], sha512: str, length: int, *, purpose: str = "document"
    ) -> Flow[SignatureBundle]:
        """Sign a content by its SHA-512 and length with two stored keys, one post-quantum and one classical.

        `novacron.crypto.Digest.of` computes them; `novacron.crypto.verify_bundle` verifies the signature.
        """
        wanted = {"key_ids": [*key_ids], "sha512": sha512, "length": length, "purpose": purpose}
        return answered(SignatureBundle, call(post("/api/crypto/signatures", wanted, idempotency_key())))

    @operation
    def sign_result(self, job_id: str) -> Flow[SignedResult]:
        """Return a completed job with its result and receipt, signed.

        `novacron.crypto.verify_result` verifies it anywhere.

        Raises:
            Conflict: the job has not completed.
            NotFound: there is no such job, or it belongs to another tenant.
        """
        path = f"/api/crypto/results/{segment(job_id)}/sign"
        return answered(SignedResult, call(post(path, {}, idempotency_key())))
