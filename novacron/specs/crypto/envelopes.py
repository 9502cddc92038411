"""Envelopes rewrapped and contents signed with keys of the store."""

import base64
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from novacron.specs.base import Spec
from novacron.specs.crypto.keys import KeyId
from novacron.specs.record import Record
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Flag, Identifier, Integer, Text, matching

MOST_RECIPIENTS = 64
LARGEST_HEADER_BYTES = 1 << 19
LARGEST_PUBLIC_KEY_BYTES = 4096
MOST_CONTENT_BYTES = 2**63


def _base64_of(most_bytes: int) -> AfterValidator:
    def check(text: str) -> str:
        try:
            size = len(base64.b64decode(text, validate=True))
        except ValueError:
            raise refuse("must be base64", value=f"text of {len(text)} characters") from None
        if size > most_bytes:
            raise refuse(f"must hold at most {most_bytes} bytes, holds {size}")
        return text

    return AfterValidator(check)


EnvelopeHeader = Annotated[Text, _base64_of(LARGEST_HEADER_BYTES)]
PublicKeyText = Annotated[Text, _base64_of(LARGEST_PUBLIC_KEY_BYTES)]
RecipientName = Annotated[
    str,
    Field(strict=True),
    matching(r"[!-~]{1,128}", "must be 1 to 128 printable ASCII characters, no spaces"),
]
Purpose = Annotated[
    str,
    Field(strict=True),
    matching(r"[a-z][a-z0-9-]{0,63}", "must be a word of small letters, digits, hyphens"),
]
Sha512 = Annotated[str, Field(strict=True), matching(r"[0-9a-f]{128}", "must be a SHA-512 in hexadecimal")]


class NewRecipient(Record):
    """A new recipient of an envelope: a public key.

    Attributes:
        algorithm: its algorithm, for example X-Wing.
        public_key: base64 of the encoded key.
        name: name of the key in the envelope; by default its fingerprint.
    """

    algorithm: Identifier
    public_key: PublicKeyText
    name: RecipientName | None = None


class RewrapEnvelope(Spec):
    """Change the recipients of an envelope, one of which is a stored key; the payload is not needed.

    Attributes:
        header: base64 of the envelope's header.
        key_id: the stored key that opens it.
        add: recipients to add.
        drop: names of recipients to remove.
        classical: allow quantum-vulnerable suites.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["rewrap_envelope"] = "rewrap_envelope"
    header: EnvelopeHeader
    key_id: KeyId
    add: Annotated[tuple[NewRecipient, ...], Field(max_length=MOST_RECIPIENTS)] = ()
    drop: Annotated[tuple[RecipientName, ...], Field(max_length=MOST_RECIPIENTS)] = ()
    classical: Flag = False


class SignBundle(Spec):
    """Make a hybrid signature with two stored keys, a post-quantum and a classical one.

    Attributes:
        key_ids: the two keys, in any order.
        sha512: digest of the content, in hexadecimal.
        length: length of the content in bytes.
        purpose: purpose of the signature, which verification must name.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign_bundle"] = "sign_bundle"
    key_ids: Annotated[tuple[KeyId, ...], Field(min_length=2, max_length=2)]
    sha512: Sha512
    length: Annotated[Integer, Field(ge=0, lt=MOST_CONTENT_BYTES)]
    purpose: Purpose = "document"


class SignResult(Spec):
    """Sign a completed job's result with the service's own key.

    Attributes:
        job_id: id of the job.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["sign_result"] = "sign_result"
    job_id: Identifier
