"""Self-tests that a library must pass before it is used for an algorithm, once per process."""

from __future__ import annotations

import hashlib

from novacron.algorithms import Algorithm
from workers.crypto.providers.base import Provider

MESSAGE = b"NovaCron self-test"
SEEDS = {"FIPS 203": bytes(range(64)), "FIPS 204": bytes(range(32))}

# SHA-256 of the public keys for these seeds in RFC 9935 and RFC 9881, appendices C.
KNOWN_PUBLIC_KEYS = {
    "ML-KEM-512": "3ae268dccc5456ac0d0f9b39257dc48fe081383b97c400512d712b739762daee",
    "ML-KEM-768": "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9",
    "ML-KEM-1024": "c7b8fa0aa471d5ae18922d6ccad5b31e1d84f92ae723abfd13747018740a8530",
    "ML-DSA-44": "9f107644c1084526af3bc8098680b05499a2325a644e388fb4f970e058d19d46",
    "ML-DSA-65": "d666806e11cee19a7c989f7445f90dd419cf4d2d51db8c0fdb4c0f0a542238c9",
    "ML-DSA-87": "91dc389cfaa01470b7f66eee45a4ae9026d154817c754dfe22298b3fa241ffcd",
}


class SelfTestError(RuntimeError):
    """A library gives wrong results on this machine; it is not used."""


def run(provider: Provider, algorithm: Algorithm) -> None:
    """Test a new key pair for consistency, and compare with the standard's own example.

    Classical algorithms are not tested, since their library tests itself; RSA keys take a second to generate.

    Raises:
        SelfTestError: a result is wrong.
    """
    if algorithm.quantum_vulnerable:
        return
    pairwise = {"kem": _agrees, "signature": _verifies, "encryption": _opens}[algorithm.type]
    if not pairwise(provider, algorithm.name) or not _known(provider, algorithm):
        raise SelfTestError(f"{provider.name} {provider.version()} gives wrong answers for {algorithm.name}")


def _agrees(provider: Provider, name: str) -> bool:
    pair = provider.generate(name)
    ciphertext, secret = provider.encapsulate(name, pair.public)
    return provider.decapsulate(name, pair.private, ciphertext) == secret


def _verifies(provider: Provider, name: str) -> bool:
    pair = provider.generate(name)
    signature = provider.sign(name, pair.private, MESSAGE)
    return provider.verify(name, pair.public, MESSAGE, signature) and not provider.verify(
        name, pair.public, MESSAGE + b"!", signature
    )


def _opens(provider: Provider, name: str) -> bool:
    pair = provider.generate(name)
    sealed = provider.seal(name, pair.public, MESSAGE, b"info")
    return provider.open(name, pair.private, sealed, b"info") == MESSAGE


def _known(provider: Provider, algorithm: Algorithm) -> bool:
    name, known = algorithm.name, KNOWN_PUBLIC_KEYS.get(algorithm.name)
    if known is None:
        return True
    seed = SEEDS[algorithm.standard]
    private = provider.load_private(name, seed)
    if hashlib.sha256(provider.public_bytes(name, private)).hexdigest() != known:
        return False
    return algorithm.type != "kem" or _rejects(provider, algorithm, seed)


def _rejects(provider: Provider, algorithm: Algorithm, seed: bytes) -> bool:
    """Return whether an invalid ciphertext yields the secret of implicit rejection.

    Source: FIPS 203, algorithm 18, line 7.
    """
    ciphertext = bytes(algorithm.ciphertext_bytes or 0)
    private = provider.load_private(algorithm.name, seed)
    expected = hashlib.shake_256(seed[32:] + ciphertext).digest(32)
    return provider.decapsulate(algorithm.name, private, ciphertext) == expected
