"""Key pairs to be stored: the usage of each algorithm, and the permitted successors."""

from __future__ import annotations

from dataclasses import dataclass, field

from novacron.algorithms import Algorithm, find
from novacron.errors import BadInput, Conflict
from shared.db.crypto.keys import StoredKey
from workers.crypto import providers

OWN = {"audit": "ML-DSA-65", "results": "ML-DSA-65", "transport": "X-Wing"}
"""Usage of the service's own keys -> their algorithm. No other caller can use such a key."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A key pair to be stored, the private key in its provider's format; never printed."""

    algorithm: str
    public: bytes
    private: bytes = field(repr=False)
    origin: str = "generated"

    @property
    def seedless(self) -> bool:
        """Whether only the expanded form of the private key is available."""
        return len(self.private) == find(self.algorithm).expanded_private_key_bytes


def fitting(algorithm: Algorithm, usage: str | None) -> str:
    """Return the usage of an algorithm's keys, checked against the requested one.

    Raises:
        BadInput: they differ.
    """
    right = algorithm.usage
    if usage not in (None, right):
        raise BadInput(f"keys of {algorithm.name} are for {right}", field="usage", value=usage)
    return right


def check_next(key: StoredKey, algorithm: Algorithm) -> None:
    """Check that a key's next version may use an algorithm.

    Raises:
        BadInput: its usage differs, or the key is the service's own, whose algorithm is fixed.
    """
    if key.usage not in OWN:
        fitting(algorithm, key.usage)
    elif algorithm.name != OWN[key.usage]:
        raise BadInput(
            f"keys for {key.usage} are of {OWN[key.usage]}", field="algorithm", value=algorithm.name
        )


def check_use(key: StoredKey, usage: str, version: int, closing: bool) -> None:
    """Check that a version of a key may be used in this way.

    Args:
        key: the key.
        usage: the purpose.
        version: version of the key.
        closing: whether the use only ends an earlier one, as a revocation list does.

    Raises:
        Conflict: it may not.
    """
    key.check_usage(usage)
    if closing or usage in ("decrypt", "decapsulate", "transport"):
        return
    key.check_active()
    if version != key.version:
        raise Conflict(
            f"version {version} of key {key.key_id} can no longer sign: version {key.version} is in use"
        )


def generated(algorithm: Algorithm) -> Pair:
    """Generate a pair."""
    provider = providers.load(algorithm)
    pair = provider.generate(algorithm.name)
    return Pair(algorithm.name, pair.public, provider.private_bytes(algorithm.name, pair.private))
