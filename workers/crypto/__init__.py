"""Who implements the cryptographic algorithms."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from shared.algorithms import Algorithm
from workers.crypto.base import Provider

PROVIDERS: dict[str, str] = {
    "cryptography": "workers.crypto.pyca:PycaProvider",
}


def load(algorithm: Algorithm) -> Provider:
    """The preferred provider of an algorithm."""
    module, _, attribute = PROVIDERS[algorithm.providers[0]].partition(":")
    return cast(Provider, getattr(import_module(module), attribute)())
