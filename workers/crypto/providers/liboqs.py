"""liboqs through its Python wrapper: pre-standard and candidate algorithms, and SLH-DSA."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from novacron.algorithms import ALGORITHMS, Algorithm
from shared.crypto import liboqs
from workers.crypto.providers.base import CiphertextError, KeyPair

MAX_CONTEXT_BYTES = 255


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A secret key, with its public key, which not every algorithm can derive from it."""

    public: bytes
    secret: bytes = field(repr=False)


class LiboqsProvider:
    """See `workers.crypto.providers.base.Provider`.

    A private key is stored as its secret key followed by its public key.

    Raises:
        ImportError: liboqs is missing, or its wrapper does not match it.
    """

    name = "liboqs"

    def __init__(self) -> None:
        if refusal := liboqs.probed().refusal:
            raise ImportError(refusal)
        self._version = liboqs.probed().version

    def version(self) -> str:
        """Version of the library."""
        return self._version

    def generate(self, algorithm: str) -> KeyPair:
        """Generate a pair."""
        with _mechanism(_algorithm(algorithm)) as mechanism:
            public = _bytes(mechanism.generate_keypair())
            private = PrivateKey(public, _bytes(mechanism.export_secret_key()))
        return KeyPair(public, private)

    def private_bytes(self, algorithm: str, private: PrivateKey) -> bytes:
        """Return the stored form."""
        return private.secret + private.public

    def load_private(self, algorithm: str, stored: bytes) -> PrivateKey:
        """Load a stored private key.

        Raises:
            ValueError: the bytes are no private key of that algorithm.
        """
        found = _algorithm(algorithm)
        end = found.private_key_bytes or 0
        if len(stored) != end + found.public_key_bytes:
            raise ValueError(f"is no private key of {algorithm}")
        return PrivateKey(stored[end:], stored[:end])

    def public_bytes(self, algorithm: str, private: PrivateKey) -> bytes:
        """Return the public key that belongs to a private one."""
        return private.public

    def encapsulate(self, algorithm: str, public: bytes) -> tuple[bytes, bytes]:
        """Return (ciphertext, secret)."""
        ciphertext, secret = _shared(algorithm).encap_secret(_public(algorithm, public))
        return _bytes(ciphertext), _bytes(secret)

    def decapsulate(self, algorithm: str, private: PrivateKey, ciphertext: bytes) -> bytes:
        """Return the secret; all of these algorithms use implicit rejection."""
        found = _algorithm(algorithm)
        if len(ciphertext) != found.ciphertext_bytes:
            raise CiphertextError(f"a ciphertext of {algorithm} has {found.ciphertext_bytes} bytes")
        with _mechanism(found, private.secret) as mechanism:
            return _bytes(mechanism.decap_secret(ciphertext))

    def sign(self, algorithm: str, private: PrivateKey, message: bytes, context: bytes = b"") -> bytes:
        """Sign; only SLH-DSA supports a context.

        Source: FIPS 205, algorithm 22.
        """
        found = _algorithm(algorithm)
        with _mechanism(found, private.secret) as mechanism:
            if not _takes_context(found, context):
                return _bytes(mechanism.sign(message))
            return _bytes(mechanism.sign_with_ctx_str(message, context))

    def verify(
        self, algorithm: str, public: bytes, message: bytes, signature: bytes, context: bytes = b""
    ) -> bool:
        """Return whether the signature is valid.

        Source: FIPS 205, algorithm 24.
        """
        found, mechanism, key = _algorithm(algorithm), _shared(algorithm), _public(algorithm, public)
        with_context = _takes_context(found, context)
        if not 0 < len(signature) <= (found.signature_bytes or 0):
            return False
        if with_context:
            return bool(mechanism.verify_with_ctx_str(message, signature, context, key))
        return bool(mechanism.verify(message, signature, key))

    def seal(self, algorithm: str, public: bytes, plaintext: bytes, info: bytes = b"") -> bytes:
        """Raise an error: no algorithm of type encryption names this library."""
        raise NotImplementedError(f"liboqs has no {algorithm}")

    def open(self, algorithm: str, private: PrivateKey, sealed: bytes, info: bytes = b"") -> bytes:
        """Raise an error, as `seal`."""
        raise NotImplementedError(f"liboqs has no {algorithm}")


def _takes_context(algorithm: Algorithm, context: bytes) -> bool:
    if len(context) > MAX_CONTEXT_BYTES:
        raise ValueError(f"a context has at most {MAX_CONTEXT_BYTES} bytes")
    return algorithm.standard == "FIPS 205"


def _algorithm(name: str) -> Algorithm:
    return ALGORITHMS[name]


def _public(algorithm: str, public: bytes) -> bytes:
    if len(public) != _algorithm(algorithm).public_key_bytes:
        raise ValueError(f"is no public key of {algorithm}")
    return public


def _bytes(value: Any) -> bytes:
    """Return the wrapper's bytes; one of its versions returns 0 on failure, the other raises RuntimeError."""
    if not isinstance(value, bytes):
        raise RuntimeError("liboqs reports a failure")
    return value


def _mechanism(algorithm: Algorithm, secret: bytes | None = None) -> Any:
    """Return the wrapper's object; leaving its `with` block erases its copy of the secret key."""
    kind = _wrapper().KeyEncapsulation if algorithm.type == "kem" else _wrapper().Signature
    return kind(liboqs.mechanism(algorithm.name), secret)


@cache
def _shared(algorithm: str) -> Any:
    """Return the wrapper's object for operations without a secret key."""
    return _mechanism(_algorithm(algorithm))


@cache
def _wrapper() -> Any:
    """Import the Python wrapper without its output and its warnings of versions the probe has checked."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        wrapper = import_module(liboqs.MODULE)
    logging.getLogger(f"{liboqs.MODULE}.{liboqs.MODULE}").handlers.clear()
    return wrapper
