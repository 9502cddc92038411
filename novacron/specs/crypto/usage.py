"""The use of a stored key, by any of its names in standards."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from novacron.specs.refusal import refuse_choice
from novacron.specs.schema import TEXT_OR_LIST_TOO

NAMES = {
    "sign": ("verify", "signing", "signature", "signatures", "digitalsignature"),
    "decrypt": ("encrypt", "encryption", "decryption", "wrapkey", "unwrapkey"),
    "decapsulate": ("encapsulate", "encapsulation", "kem", "keyencapsulation", "keyexchange", "keyagreement"),
}
"""Usage -> synonyms; RFC 7517, section 4.3, names a key by both of its operations."""
_BY_LETTERS = {other: usage for usage, others in NAMES.items() for other in (usage, *others)}


def _usage(value: object) -> object:
    names = value if isinstance(value, list | tuple) and value else [value]
    known = {
        _BY_LETTERS.get(one.replace("_", "").replace("-", "").lower()) if isinstance(one, str) else None
        for one in names
    }
    if len(known) != 1 or None in known:
        raise refuse_choice(value, list(NAMES))
    return known.pop()


Usage = Annotated[Literal["sign", "decrypt", "decapsulate"], BeforeValidator(_usage), TEXT_OR_LIST_TOO]
"""The only use of a private key; a list of names must denote one use, such as sign and verify."""
