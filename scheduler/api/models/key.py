"""Key import requests."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from novacron.specs.base import Spec
from novacron.specs.crypto.usage import Usage
from novacron.specs.refusal import refuse
from novacron.specs.scalars import Label

LARGEST_KEY_CHARACTERS = 1 << 16
_LONE = re.compile("[\ud800-\udfff]")


def _pem(text: object) -> object:
    if not isinstance(text, str) or not text.isascii() or not 0 < len(text) <= LARGEST_KEY_CHARACTERS:
        raise refuse(f"must be PEM text of at most {LARGEST_KEY_CHARACTERS} characters")
    return text


def _password(text: object) -> object:
    if text is not None and not (isinstance(text, str) and _LONE.search(text) is None):
        raise refuse("must be text")
    return text


class KeyImport(Spec):
    """A key generated elsewhere, to be imported.

    Attributes:
        private_key: PEM, encrypted or not.
        password: password of an encrypted private key.
        usage: as for a new key.
        label: name shown in listings.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["import_key"] = "import_key"
    private_key: Annotated[str, BeforeValidator(_pem), Field(min_length=1, max_length=LARGEST_KEY_CHARACTERS)]
    password: Annotated[str | None, BeforeValidator(_password)] = None
    usage: Usage | None = None
    label: Label | None = None

    @property
    def secret(self) -> dict[str, str | None]:
        """The fields that are sealed to the worker."""
        return {"key": self.private_key, "password": self.password}
