"""Pairs of keys on their way into the store: what each algorithm's are for, and which may follow which."""

from __future__ import annotations

from dataclasses import dataclass, field

from novacron.algorithms import Algorithm, find
from novacron.errors import BadInput, Conflict
from shared.db.crypto.keys import StoredKey
from workers.crypto import providers

OWN = {"audit": "ML-DSA-65", "results": "ML-DSA-65", "transport": "X-Wing"}
"""What the service itself has keys for -> their algorithm. Nobody else can use such a key."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of keys to be stored, the private one in the form its provider stores; never printed."""

    algorithm: str
    public: bytes
    private: bytes = field(repr=False)
    origin: str = "generated"

    @property
    def seedless(self) -> bool:
        """Whether only the expanded form of the private key is known."""
        return len(self.private) == find(self.algorithm).expanded_private_key_bytes


def fitting(algorithm: Algorithm, usage: str | None) -> str:
    """The usage of keys of an algorithm, which must be the one asked for.

    Raises:
        BadInput: it is not.
    """
    right = algorithm.usage
    if usage not in (None, right):
        raise BadInput(f"keys of {algorithm.name} are for {right}", field="usage", value=usage)
    return right


def check_next(key: StoredKey, algorithm: Algorithm) -> None:
    """Whether an algorithm may be that of a key's next version.

    Raises:
        BadInput: it is for another usage, or the key is the service's own, which has the algorithm it has.
    """
    if key.usage not in OWN:
        fitting(algorithm, key.usage)
    elif algorithm.name != OWN[key.usage]:
        raise BadInput(
            f"keys for {key.usage} are of {OWN[key.usage]}", field="algorithm", value=algorithm.name
        )


def check_use(key: StoredKey, usage: str, version: int, closing: bool) -> None:
    """Whether a version of a key may be used so.

    Args:
        key: which key.
        usage: what for.
        version: of the key.
        closing: whether it only ends what it once began, as a revocation list does.

    Raises:
        Conflict: it may not.
    """
    key.check_usage(usage)
    if closing or usage in ("decrypt", "decapsulate", "transport"):
        return
    key.check_active()
    if version != key.version:
        raise Conflict(
            f"version {version} of key {key.key_id} signs no more: version {key.version} is in use"
        )


def generated(algorithm: Algorithm) -> Pair:
    """A new pair."""
    provider = providers.load(algorithm)
    pair = provider.generate(algorithm.name)
    return Pair(algorithm.name, pair.public, provider.private_bytes(algorithm.name, pair.private))
