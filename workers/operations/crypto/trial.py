"""Trial cryptographic jobs. Results are not determined by the seed and are never cached.

Private keys and shared secrets stay in local variables: they appear in no result, log, message or exception.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import TypeVar

from novacron.algorithms import Algorithm, find
from novacron.json_types import JsonObject
from novacron.specs import Crypto
from workers.crypto import providers
from workers.crypto.providers.base import KeyPair, Provider
from workers.runtime.context import Context
from workers.runtime.outcome import Done, UserError

_DEFAULT_MESSAGE = b"NovaCron"

_T = TypeVar("_T")


def generate_keypair(context: Context[Crypto]) -> Done:
    """Generate a key pair and return its public key.

    Raises:
        BadInput: an unknown algorithm, or one that no installed library provides.
    """
    return _performed(context, None, _generate)


def kem_roundtrip(context: Context[Crypto]) -> Done:
    """Run both sides of a key encapsulation.

    Raises:
        BadInput: as for `generate_keypair`.
        UserError: the algorithm is no KEM.
    """
    return _performed(context, "kem", _roundtrip)


def sign_verify(context: Context[Crypto]) -> Done:
    """Sign the payload, verify it, and check that forgeries are rejected.

    Raises:
        BadInput: as for `generate_keypair`.
        UserError: the algorithm does not sign.
    """
    return _performed(context, "signature", _sign)


def _performed(context: Context[Crypto], needs: str | None, perform: _Perform) -> Done:
    operation, algorithm = context.spec.operation, find(context.spec.algorithm)
    if needs not in (None, algorithm.type):
        raise UserError(f"{operation} needs a {needs} algorithm, and {algorithm.name} is a {algorithm.type}")
    provider = providers.load(algorithm)
    clock = _Clock()
    pair = clock.time("generate_ms", lambda: provider.generate(algorithm.name))
    value = perform(context, algorithm, provider, pair, clock)
    return Done({**_described(operation, algorithm, provider, pair), **value, "timings": clock.taken_ms})


class _Clock:
    """Wall-clock time of each step, in milliseconds."""

    def __init__(self) -> None:
        self.taken_ms: dict[str, float] = {}

    def time(self, step: str, action: Callable[[], _T]) -> _T:
        start = time.perf_counter()
        value = action()
        self.taken_ms[step] = round(1e3 * (time.perf_counter() - start), 3)
        return value


_Perform = Callable[[Context[Crypto], Algorithm, Provider, KeyPair, _Clock], JsonObject]


def _described(operation: str, algorithm: Algorithm, provider: Provider, pair: KeyPair) -> JsonObject:
    successor = algorithm.successor
    note = {"note": f"the standard is {successor}: the two do not understand each other"} if successor else {}
    return {
        **note,
        "operation": operation,
        "algorithm": algorithm.name,
        "type": algorithm.type,
        "standard": algorithm.standard,
        "nist_level": algorithm.nist_level,
        "provider": provider.name,
        "provider_version": provider.version(),
        "public_key": _text(pair.public),
        "key_id": key_id(algorithm.name, pair.public),
        "private_key": "destroyed: it never left the worker's memory and was not stored",
        "deterministic": False,
    }


def key_id(algorithm: str, public: bytes) -> str:
    """SHA-256 over the algorithm's name, a zero byte and the encoded public key, in hexadecimal."""
    return hashlib.sha256(algorithm.encode() + b"\0" + public).hexdigest()


def _generate(
    context: Context[Crypto], algorithm: Algorithm, provider: Provider, pair: KeyPair, clock: _Clock
) -> JsonObject:
    return {"sizes": {"public_key_bytes": len(pair.public)}}


def _roundtrip(
    context: Context[Crypto], algorithm: Algorithm, provider: Provider, pair: KeyPair, clock: _Clock
) -> JsonObject:
    """Run both sides of a key encapsulation, and decapsulate again with one bit of the ciphertext flipped."""
    name = algorithm.name
    ciphertext, sent = clock.time("encapsulate_ms", lambda: provider.encapsulate(name, pair.public))
    received = clock.time("decapsulate_ms", lambda: provider.decapsulate(name, pair.private, ciphertext))
    tampered = provider.decapsulate(name, pair.private, _flipped(ciphertext))
    return {
        "secrets_match": hmac.compare_digest(sent, received),
        "tampered_rejected": not hmac.compare_digest(sent, tampered),
        "sizes": {
            "public_key_bytes": len(pair.public),
            "ciphertext_bytes": len(ciphertext),
            "shared_secret_bytes": len(sent),
        },
    }


def _sign(
    context: Context[Crypto], algorithm: Algorithm, provider: Provider, pair: KeyPair, clock: _Clock
) -> JsonObject:
    """Sign the payload, verify it, and check that a modified message or signature is rejected."""
    name, message = algorithm.name, _message(context.spec.payload)
    signature = clock.time("sign_ms", lambda: provider.sign(name, pair.private, message))
    verified = clock.time("verify_ms", lambda: provider.verify(name, pair.public, message, signature))
    other_message = provider.verify(name, pair.public, _flipped(message), signature)
    other_signature = provider.verify(name, pair.public, message, _flipped(signature))
    return {
        "signature": _text(signature),
        "message_sha256": hashlib.sha256(message).hexdigest(),
        "verified": verified,
        "tampered_rejected": not (other_message or other_signature),
        "sizes": {
            "public_key_bytes": len(pair.public),
            "signature_bytes": len(signature),
            "message_bytes": len(message),
        },
    }


def _message(payload: str | None) -> bytes:
    return _DEFAULT_MESSAGE if payload is None else base64.b64decode(payload)


def _flipped(data: bytes) -> bytes:
    """Return the bytes with one bit flipped; a zero byte if there are none."""
    return bytes([data[0] ^ 1]) + data[1:] if data else b"\0"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
