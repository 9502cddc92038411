"""Trial of an algorithm with an ephemeral key."""

import base64
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from novacron.specs.base import Spec
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Identifier, Text

MAX_PAYLOAD_BYTES = 2**20


def _check_payload(text: str) -> str:
    try:
        message = base64.b64decode(text, validate=True)
    except ValueError:
        raise refuse("must be base64", value=f"text of {len(text)} characters") from None
    if len(message) > MAX_PAYLOAD_BYTES:
        raise refuse(f"must hold at most {MAX_PAYLOAD_BYTES} bytes, holds {len(message)}")
    return text


Payload = Annotated[Text, AfterValidator(_check_payload)]


class Crypto(Spec):
    """One operation with an ephemeral key of a post-quantum algorithm.

    Attributes:
        operation: operation to perform.
        algorithm: parameter set, named as in its standard, such as ML-KEM-768 or ML-DSA-65.
        payload: base64 of the message to sign, at most 1 MiB; None signs a fixed one.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["generate_keypair", "kem_roundtrip", "sign_verify"]
    algorithm: Identifier
    payload: Payload | None = None

    @model_validator(mode="after")
    def _payload_is_signed(self) -> "Crypto":
        if self.payload is not None and self.operation != "sign_verify":
            raise refuse(f"{self.operation} signs nothing", at=("payload",), hint="leave it out")
        return self
