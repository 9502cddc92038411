"""The one reader of private keys: PKCS#8 in all forms, SEC 1, PKCS#1, OpenSSH, seeds of X-Wing; PEM or DER.

Keys may be encrypted; passwords are UTF-8. No message reveals anything about a key.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519

from novacron.crypto import der, lattice_keys, openssh, pem, pkcs8
from novacron.crypto.lattice_keys import InconsistentError
from novacron.crypto.pem import Block
from novacron.errors import BadInput

LARGEST_BYTES = 1 << 16
MOST_BCRYPT_ROUNDS = 1000
"""Limit for OpenSSH keys; this many rounds already take seconds."""
UNREADABLE = (ValueError, TypeError, IndexError, OverflowError, UnsupportedAlgorithm)
"""Exceptions of the libraries for malformed keys."""
OTHER_FORM = "accented letters have two forms in Unicode, NFC and NFD: it may have been set in the other"
_ENDING = "PRIVATE KEY"
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_NAMED: tuple[tuple[Any, str], ...] = (
    (ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey, "Ed25519"),
    (ed448.Ed448PrivateKey | ed448.Ed448PublicKey, "Ed448"),
    (x25519.X25519PrivateKey | x25519.X25519PublicKey, "X25519"),
    (x448.X448PrivateKey | x448.X448PublicKey, "X448"),
)
_SIZED: tuple[tuple[Any, str], ...] = (
    (rsa.RSAPrivateKey | rsa.RSAPublicKey, "RSA"), (dsa.DSAPrivateKey | dsa.DSAPublicKey, "DSA"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A single private key, or a part of a hybrid.

    Attributes:
        name: name of its algorithm: `ML-DSA-65`, `RSA-2048`, `P-256`.
        key: the library's key; None if the library does not support it, or not without its seed.
        public: SubjectPublicKeyInfo in DER; None if unknown.
        raw: for ML-KEM, ML-DSA and SLH-DSA: the seed, or else the key in the standard's form.
        seeded: whether `raw` is a seed.
    """

    name: str
    key: Any = field(repr=False)
    public: bytes | None
    raw: bytes | None = field(default=None, repr=False)
    seeded: bool = False


def read(data: bytes, password: str | None = None) -> list[Part]:
    """Read the private key in a file: one part, or the two of a hybrid, post-quantum first.

    Args:
        data: PEM in any text, DER, or a 32-byte X-Wing seed.
        password: password of an encrypted key; ignored if the key is not encrypted.

    Raises:
        BadInput: it holds none, holds several, cannot be read, or the password is wrong or missing.
    """
    if len(data) > LARGEST_BYTES:
        raise BadInput(f"no private key is larger than {LARGEST_BYTES} bytes")
    secret = None if password is None else password.encode()
    if len(data) == lattice_keys.XWING_SEED_BYTES and pem.MARK not in data:
        return _xwing(data)
    found = _blocks(data)
    if not found and pem.MARK not in pem.decoded(data):
        return _guarded(partial(of_der, data, secret), secret)
    if not 1 <= len(found) <= 2:
        raise BadInput(
            f"must hold one private key, or the two of a hybrid; holds {len(found)}",
            hint="it holds a public key: name the file of its private half" if is_public(data) else None,
        )
    return [part for block in found for part in _guarded(partial(_of_block, block, secret), secret)]


def _blocks(data: bytes) -> list[Block]:
    return [one for one in pem.blocks(data) if one.label.endswith(_ENDING)]


def is_public(data: bytes) -> bool:
    """Return whether a PEM file holds public keys and no private key."""
    labels = [one.label for one in pem.blocks(data)]
    return bool(labels) and all(label.endswith("PUBLIC KEY") for label in labels)


def needs_password(data: bytes) -> bool:
    """Return whether reading a private key requires a password."""
    if found := _blocks(data):
        return any(_sealed(block) for block in found)
    return pkcs8.is_encrypted(data)


def as_pem(data: bytes) -> str:
    """Return a private key's file as PEM, converting it if necessary; nothing is decrypted or verified."""
    if pem.MARK in pem.decoded(data):
        return pem.decoded(data).decode("utf-8", "replace")
    if len(data) == lattice_keys.XWING_SEED_BYTES:
        label, data = _ENDING, lattice_keys.xwing_pkcs8(data)
    else:
        label = f"ENCRYPTED {_ENDING}" if pkcs8.is_encrypted(data) else _ENDING
    return pem.armoured(label, base64.b64encode(data)).decode()


def _sealed(block: Block) -> bool:
    if block.label == "OPENSSH PRIVATE KEY":
        try:
            return openssh.head(block.der()).encrypted
        except ValueError:
            return False
    return block.label.startswith("ENCRYPTED") or any("ENCRYPTED" in line for line in block.headers)


def _guarded(of: Callable[[], list[Part]], secret: bytes | None) -> list[Part]:
    """Return the parts that a reader returns; convert the libraries' errors to messages of our own."""
    try:
        return of()
    except pkcs8.WrongPasswordError:
        hint = None if secret is None or secret.isascii() else OTHER_FORM
        raise BadInput("does not open this private key", field="password", hint=hint) from None
    except pkcs8.UnsupportedError as error:
        hint = "openssl pkcs8 -topk8 writes it anew with PBKDF2 and AES-256-CBC"
        raise BadInput(str(error), hint=hint) from None
    except InconsistentError:
        raise BadInput(
            "is refused: its seed, its expanded key and its public key do not fit together"
        ) from None
    except UnsupportedAlgorithm:
        raise BadInput("is a private key of an algorithm, curve or size that is not known here") from None
    except UNREADABLE:
        raise BadInput("is not a private key that can be read") from None


def _needed(secret: bytes | None) -> bytes:
    if secret is None:
        raise BadInput("is needed: the private key is encrypted", field="password")
    return secret


def _of_block(block: Block, secret: bytes | None) -> list[Part]:
    if block.label == "OPENSSH PRIVATE KEY":
        return _openssh(block, secret)
    if _sealed(block) and block.headers:  # RFC 1421, OpenSSL's format before PKCS#8
        with _by_password():
            return [_classical(encoding.load_pem_private_key(block.pem(), _needed(secret)))]
    return of_der(block.der(), secret)


@contextmanager
def _by_password() -> Iterator[None]:
    """Convert decryption errors: the library has one type for a wrong password and for damage."""
    try:
        yield
    except UnsupportedAlgorithm as error:
        raise pkcs8.UnsupportedError(f"is encrypted in a way that is not opened: {error}") from None
    except (ValueError, TypeError):
        raise pkcs8.WrongPasswordError("does not open") from None


def _openssh(block: Block, secret: bytes | None) -> list[Part]:
    head = openssh.head(block.der())
    if not head.encrypted:
        return [_classical(encoding.load_ssh_private_key(block.pem(), None))]
    if head.rounds > MOST_BCRYPT_ROUNDS:
        raise pkcs8.UnsupportedError(
            f"asks for {head.rounds:,} rounds of bcrypt, at most {MOST_BCRYPT_ROUNDS:,}"
        )
    needed = _needed(secret)
    with _by_password():
        return [_classical(encoding.load_ssh_private_key(block.pem(), needed))]


def of_der(data: bytes, secret: bytes | None = None, *, checked: bool = True) -> list[Part]:
    """Return the key in DER.

    Args:
        data: DER.
        secret: password in UTF-8.
        checked: whether the primes of RSA are tested, which takes minutes for a maliciously crafted key;
            without the test only the public half may be used.

    Raises:
        BadInput: it is encrypted, and no password is given.
        ValueError: it is not a key, or decryption fails; and the rest of `UNREADABLE`.
    """
    if pkcs8.is_encrypted(data):
        needed = _needed(secret)
        if pkcs8.scheme(data) == pkcs8.TRIPLE_DES:
            with _by_password():
                return [_classical(encoding.load_der_private_key(data, needed))]
        data = pkcs8.opened(data, needed)
    try:
        info = pkcs8.info(data)
    except ValueError:
        return [_unsealed(data, checked)]  # SEC 1 or PKCS#1
    return _of_info(info, checked)


def _unsealed(data: bytes, checked: bool) -> Part:
    return _classical(encoding.load_der_private_key(data, None, unsafe_skip_rsa_key_validation=not checked))


def _of_info(info: pkcs8.Info, checked: bool) -> list[Part]:
    if info.oid == lattice_keys.XWING:
        return _xwing(_unwrapped(info.private_key))
    if info.oid in lattice_keys.LATTICES:
        found = lattice_keys.read(info)
        raw = found.expanded if found.seed is None else found.seed
        part = Part(found.lattice.name, found.key, found.public, raw, found.seed is not None)
    elif info.oid in lattice_keys.SLH_DSA:
        public = lattice_keys.public_of(info.version_1())
        part = Part(lattice_keys.SLH_DSA[info.oid], None, public, info.private_key)
    else:
        part = _unsealed(info.version_1(), checked)
    _check_public(info, part)
    return [part]


def _unwrapped(seed: bytes) -> bytes:
    """Return a seed, unwrapped from an OCTET STRING if it is in one."""
    if len(seed) == lattice_keys.XWING_SEED_BYTES:
        return seed
    (inner,) = der.elements(seed)
    return inner.content


def _xwing(seed: bytes) -> list[Part]:
    if len(seed) != lattice_keys.XWING_SEED_BYTES:
        raise ValueError("of a wrong length")
    post_quantum, classical = lattice_keys.xwing(seed)
    raw = bytes(post_quantum.private_bytes_raw())
    return [Part("ML-KEM-768", post_quantum, _spki(post_quantum), raw, True), _classical(classical)]


def _classical(key: Any) -> Part:
    return Part(name_of(key), key, _spki(key))


def _spki(key: Any) -> bytes:
    form = (encoding.Encoding.DER, encoding.PublicFormat.SubjectPublicKeyInfo)
    return bytes(key.public_key().public_bytes(*form))


def name_of(key: Any) -> str:
    """Return the name of a classical library key, public or private: `RSA-2048`, `P-256`, `Ed25519`."""
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, key.curve.name)
    named = next((name for kind, name in _NAMED if isinstance(key, kind)), None)
    if named is None:
        sized = next((name for kind, name in _SIZED if isinstance(key, kind)), None)
        named = f"{sized}-{key.key_size}" if sized else type(key).__name__
    return named


def _check_public(info: pkcs8.Info, part: Part) -> None:
    """Check that the public half in version 2 belongs to the private key."""
    if info.public_key is None or part.public is None:
        return
    bits = der.sequence(part.public)[1].expect(der.BITS).content[1:]
    if len(bits) == len(info.public_key) and bits != info.public_key:
        raise InconsistentError("its public half is another's")
