"""Implementations of the cryptographic algorithms."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from novacron.algorithms import Algorithm
from novacron.errors import BadInput
from shared.crypto import libraries
from workers.crypto.providers.base import Provider

PROVIDERS: dict[str, str] = {
    "cryptography": "workers.crypto.providers.pyca:PycaProvider",
    "pycryptodome": "workers.crypto.providers.pycryptodome:PycryptodomeProvider",
    "liboqs": "workers.crypto.providers.liboqs:LiboqsProvider",
}


@cache
def load(algorithm: Algorithm) -> Provider:
    """Return the preferred available provider of an algorithm, after it has passed a self-test.

    Raises:
        BadInput: none is available.
    """
    here = libraries.present(algorithm)
    if not here:
        raise _absent(algorithm)
    return _tested(here[0], algorithm)


@cache
def second(algorithm: Algorithm) -> Provider | None:
    """Return a provider other than the preferred one, for an independent check; None if there is none."""
    others = libraries.present(algorithm)[1:]
    return _tested(others[0], algorithm) if others else None


@cache
def provider(name: str) -> Provider:
    """Return the provider of that name."""
    module, _, attribute = PROVIDERS[name].partition(":")
    return cast(Provider, getattr(import_module(module), attribute)())


def _tested(name: str, algorithm: Algorithm) -> Provider:
    from workers.crypto.providers import self_test

    found = provider(name)
    self_test.run(found, algorithm)
    return found


def _absent(algorithm: Algorithm) -> BadInput:
    reasons = "; ".join(f"{name}: {libraries.refusal(name, algorithm)}" for name in algorithm.providers)
    successor = algorithm.successor
    hint = f"the standard is {successor}: the two do not understand each other" if successor else None
    return BadInput(
        f"no library here has {algorithm.name} ({reasons})",
        field="algorithm", value=algorithm.name, hint=hint,
    )  # fmt: skip
