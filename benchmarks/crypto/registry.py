"""The same operations as in a job: every call looks up an algorithm and its provider."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.crypto.bare import BARE, INFO, MESSAGE, Actions
from benchmarks.crypto.turns import Race
from novacron.algorithms import find
from workers.crypto import providers


def actions(name: str) -> Actions:
    """Return the operations of an algorithm through the registry."""
    provider = providers.load(find(name))
    pair = provider.generate(name)
    return {"kem": _kem, "signature": _signature, "encryption": _encryption}[find(name).type](
        name, pair.public, pair.private
    )


def _kem(name: str, public: bytes, private: object) -> Actions:
    ciphertext, _ = providers.load(find(name)).encapsulate(name, public)
    return {
        "generate": lambda: providers.load(find(name)).generate(name),
        "encapsulate": lambda: providers.load(find(name)).encapsulate(name, public),
        "decapsulate": lambda: providers.load(find(name)).decapsulate(name, private, ciphertext),
    }


def _signature(name: str, public: bytes, private: object) -> Actions:
    signature = providers.load(find(name)).sign(name, private, MESSAGE)
    return {
        "sign": lambda: providers.load(find(name)).sign(name, private, MESSAGE),
        "verify": lambda: providers.load(find(name)).verify(name, public, MESSAGE, signature),
    }


def _encryption(name: str, public: bytes, private: object) -> Actions:
    sealed = providers.load(find(name)).seal(name, public, MESSAGE, INFO)
    return {
        "seal": lambda: providers.load(find(name)).seal(name, public, MESSAGE, INFO),
        "open": lambda: providers.load(find(name)).open(name, private, sealed, INFO),
    }


def races() -> Iterator[Race]:
    """Yield each operation of each algorithm."""
    for name, bare in BARE.items():
        own, alone = actions(name), bare()
        for operation in own:
            yield Race(name, operation, own[operation], alone[operation])
