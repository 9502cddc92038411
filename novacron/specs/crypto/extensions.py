"""Certificate extensions that the requester chooses."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from novacron.specs.crypto.alternative_name import AlternativeName, HttpAddress
from novacron.specs.record import Record
from novacron.specs.refusal import did_you_mean, refuse
from novacron.specs.scalars import Flag, Integer

# Source: RFC 5280, section 4.2.1.12.
PURPOSES = {
    "server_auth": "1.3.6.1.5.5.7.3.1",
    "client_auth": "1.3.6.1.5.5.7.3.2",
    "code_signing": "1.3.6.1.5.5.7.3.3",
    "email_protection": "1.3.6.1.5.5.7.3.4",
    "time_stamping": "1.3.6.1.5.5.7.3.8",
    "ocsp_signing": "1.3.6.1.5.5.7.3.9",
}
"""Extended key usage -> its object identifier."""
_BY_LETTERS = {name.replace("_", ""): name for name in PURPOSES}
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d{0,15})){2,20}")


def _purpose(value: object) -> str:
    if isinstance(value, str):
        if known := _BY_LETTERS.get(value.replace("_", "").lower()):
            return known
        if _OID.fullmatch(value) and (value[0] == "2" or int(value.split(".")[1]) < 40):
            return value
    rule = f"must be one of {', '.join(PURPOSES)}, or an object identifier"
    raise refuse(rule, hint=did_you_mean(value, list(PURPOSES)))


Purpose = Annotated[str, BeforeValidator(_purpose)]


class BasicConstraints(Record):
    """Whether the subject is a CA.

    Attributes:
        ca: whether it may issue certificates.
        path_length: maximum number of intermediate CAs below it; None is unlimited.
    """

    ca: Flag = False
    path_length: Annotated[Integer, Field(ge=0, le=20)] | None = None

    @model_validator(mode="after")
    def _length_of_a_ca(self) -> "BasicConstraints":
        if self.path_length is not None and not self.ca:
            rule = "only a CA has a path length (RFC 5280, section 4.2.1.9)"
            raise refuse(rule, at=("path_length",), value=self.path_length)
        return self


class Extensions(Record):
    """Contents of a certificate beside names, key and dates; key identifiers are always included.

    Attributes:
        subject_alternative_names: hosts, addresses, mail addresses and URIs.
        basic_constraints: whether it is a CA certificate.
        extended_key_usage: purposes, by name or object identifier.
        crl_distribution_points: URIs of the issuer's revocation list.
        ocsp_responders: URIs of the issuer's OCSP responder.
    """

    subject_alternative_names: Annotated[tuple[AlternativeName, ...], Field(max_length=100)] = ()
    basic_constraints: BasicConstraints = BasicConstraints()
    extended_key_usage: Annotated[tuple[Purpose, ...], Field(max_length=20)] = ()
    crl_distribution_points: Annotated[tuple[HttpAddress, ...], Field(max_length=5)] = ()
    ocsp_responders: Annotated[tuple[HttpAddress, ...], Field(max_length=5)] = ()
