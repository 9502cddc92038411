"""PKCS#8 in all versions: parsing and encryption schemes.

Source: RFC 5208 and RFC 5958 (structure), RFC 8018 (PBES2), RFC 7914 (scrypt).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from novacron.crypto import der
from novacron.crypto.der import Element

PBES2 = "1.2.840.113549.1.5.13"
TRIPLE_DES = "1.2.840.113549.1.12.1.3"
"""The only scheme older than PBES2 that is supported."""
MOST_ITERATIONS = 10_000_000
MOST_SCRYPT_BYTES = 256 << 20
MOST_SCRYPT_COST = 1 << 24
"""Limit on N r p. Keys that require more work or memory are refused: opening one could take hours."""
_PUBLIC_KEY = 0x81
_PBKDF2 = "1.2.840.113549.1.5.12"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_SHA1 = "1.2.840.113549.2.7"
_OLD = {
    "1.2.840.113549.1.5.1": "pbeWithMD2AndDES-CBC", "1.2.840.113549.1.5.3": "pbeWithMD5AndDES-CBC",
    "1.2.840.113549.1.5.4": "pbeWithMD2AndRC2-CBC", "1.2.840.113549.1.5.6": "pbeWithMD5AndRC2-CBC",
    "1.2.840.113549.1.5.10": "pbeWithSHA1AndDES-CBC", "1.2.840.113549.1.5.11": "pbeWithSHA1AndRC2-CBC",
    "1.2.840.113549.1.12.1.1": "pbeWithSHAAnd128BitRC4", "1.2.840.113549.1.12.1.2": "pbeWithSHAAnd40BitRC4",
    TRIPLE_DES: "pbeWithSHAAnd3-KeyTripleDES-CBC",
    "1.2.840.113549.1.12.1.4": "pbeWithSHAAnd2-KeyTripleDES-CBC",
    "1.2.840.113549.1.12.1.5": "pbeWithSHAAnd128BitRC2-CBC",
    "1.2.840.113549.1.12.1.6": "pbeWithSHAAnd40BitRC2-CBC",
}  # fmt: skip
"""Schemes older than PBES2 (RFC 8018, appendix A.3; RFC 7292, appendix C)."""
_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    _SHA1: hashes.SHA1, "1.2.840.113549.2.8": hashes.SHA224, "1.2.840.113549.2.9": hashes.SHA256,
    "1.2.840.113549.2.10": hashes.SHA384, "1.2.840.113549.2.11": hashes.SHA512,
    "1.2.840.113549.2.13": hashes.SHA512_256, "2.16.840.1.101.3.4.2.14": hashes.SHA3_256,
    "2.16.840.1.101.3.4.2.15": hashes.SHA3_384, "2.16.840.1.101.3.4.2.16": hashes.SHA3_512,
}  # fmt: skip
_CIPHERS: dict[str, tuple[str, Any, int]] = {
    "2.16.840.1.101.3.4.1.2": ("AES-128-CBC", algorithms.AES, 16),
    "2.16.840.1.101.3.4.1.22": ("AES-192-CBC", algorithms.AES, 24),
    "2.16.840.1.101.3.4.1.42": ("AES-256-CBC", algorithms.AES, 32),
    "1.2.840.113549.3.7": ("DES-EDE3-CBC", TripleDES, 24),
}
"""Object identifier -> name, block cipher and its key's length in bytes."""


class WrongPasswordError(ValueError):
    """The password is wrong, or the key is damaged."""


class UnsupportedError(ValueError):
    """Unsupported format, named by the message."""


@dataclass(frozen=True, slots=True)
class Info:
    """An unencrypted private key.

    Attributes:
        oid: object identifier of its algorithm.
        algorithm: the algorithm's identifier with its parameters, in DER.
        private_key: in the algorithm's encoding.
        public_key: the public half, if version 2 contains it.
    """

    oid: str
    algorithm: bytes
    private_key: bytes = field(repr=False)
    public_key: bytes | None

    def version_1(self) -> bytes:
        """Return the key in DER without public half and attributes, which some libraries do not support."""
        version = der.encoded(der.INTEGER, b"\0")
        return der.encoded(der.SEQUENCE, version, self.algorithm, der.encoded(der.OCTETS, self.private_key))


def info(data: bytes) -> Info:
    """Parse a PrivateKeyInfo or OneAsymmetricKey in DER.

    Raises:
        ValueError: it is something else.
    """
    version, algorithm, key, *rest = _at_least(der.sequence(data), 3)
    if version.integer() > 1:
        raise ValueError("of an unknown version")
    public = next((one.content[1:] for one in rest if one.tag == _PUBLIC_KEY), None)
    oid = _at_least(algorithm.expect(der.SEQUENCE).parts(), 1)[0].oid()
    return Info(oid, algorithm.whole, key.expect(der.OCTETS).content, public)


def _at_least(found: list[Element], count: int) -> list[Element]:
    if len(found) < count:
        raise ValueError("parts are missing")
    return found


def is_encrypted(data: bytes) -> bool:
    """Return whether DER is an EncryptedPrivateKeyInfo."""
    try:
        parts = der.sequence(data)
        return [one.tag for one in parts] == [der.SEQUENCE, der.OCTETS] and bool(scheme(data))
    except ValueError:
        return False


def scheme(data: bytes) -> str:
    """Return the object identifier of an encrypted key's encryption scheme.

    Raises:
        ValueError: it is not encrypted.
    """
    identifier, _ = _pair(der.sequence(data))
    return _at_least(identifier.expect(der.SEQUENCE).parts(), 1)[0].oid()


def _pair(found: list[Element]) -> tuple[Element, Element]:
    one, other, *rest = _at_least(found, 2)
    if rest:
        raise ValueError("has too many parts")
    return one, other


def name_of(oid: str) -> str:
    """Return the name of an encryption scheme or cipher; its object identifier if the name is unknown."""
    return _OLD.get(oid) or (_CIPHERS[oid][0] if oid in _CIPHERS else oid)


def opened(data: bytes, password: bytes) -> bytes:
    """Decrypt an EncryptedPrivateKeyInfo that uses PBES2; return its PrivateKeyInfo.

    Args:
        data: DER.
        password: UTF-8.

    Raises:
        WrongPasswordError: decryption failed.
        UnsupportedError: it uses another scheme, or would take too long.
        ValueError: it is something else.
    """
    identifier, sealed = _pair(der.sequence(data))
    oid, parameters = _pair(identifier.expect(der.SEQUENCE).parts())
    if oid.oid() != PBES2:
        raise UnsupportedError(f"is encrypted with {name_of(oid.oid())}, which is not opened")
    derivation, cipher = _pair(parameters.expect(der.SEQUENCE).parts())
    cipher_oid, vector = _pair(cipher.expect(der.SEQUENCE).parts())
    if cipher_oid.oid() not in _CIPHERS:
        raise UnsupportedError(f"is encrypted with {name_of(cipher_oid.oid())}, which is not opened")
    _, algorithm, length = _CIPHERS[cipher_oid.oid()]
    key = _derived(derivation, password, length)
    clear = _decrypted(algorithm(key), vector.expect(der.OCTETS).content, sealed.expect(der.OCTETS).content)
    try:
        info(clear)
    except ValueError:  # the padding was valid by chance
        raise WrongPasswordError("does not open") from None
    return clear


def _derived(derivation: Element, password: bytes, length: int) -> bytes:
    oid, parameters = _pair(derivation.expect(der.SEQUENCE).parts())
    parts = parameters.expect(der.SEQUENCE).parts()
    if oid.oid() == _PBKDF2:
        return _pbkdf2(parts, password, length)
    if oid.oid() == _SCRYPT:
        return _scrypt(parts, password, length)
    raise UnsupportedError(f"derives its key by {oid.oid()}, which is not known")


def _pbkdf2(parts: list[Element], password: bytes, length: int) -> bytes:
    salt, iterations, *rest = _at_least(parts, 2)
    if not 0 < iterations.integer() <= MOST_ITERATIONS:
        raise UnsupportedError(
            f"asks for {_few(iterations.integer())} rounds of PBKDF2, at most {MOST_ITERATIONS:,}"
        )
    prf = next((one.parts()[0].oid() for one in rest if one.tag == der.SEQUENCE and one.content), _SHA1)
    if prf not in _HASHES:
        raise UnsupportedError(f"derives its key with the hash {prf}, which is not known")
    made = PBKDF2HMAC(_HASHES[prf](), length, salt.expect(der.OCTETS).content, iterations.integer())
    return made.derive(password)


def _scrypt(parts: list[Element], password: bytes, length: int) -> bytes:
    salt, *numbers = _at_least(parts, 4)
    n, r, p = (one.integer() for one in numbers[:3])
    if n * r * 128 > MOST_SCRYPT_BYTES or n * r * p > MOST_SCRYPT_COST:
        raise UnsupportedError(
            f"asks for scrypt with N={_few(n)}, r={_few(r)}, p={_few(p)}, which takes too long"
        )
    return Scrypt(salt.expect(der.OCTETS).content, length, n, r, p).derive(password)


def _few(number: int) -> str:
    """Format a number that may have thousands of digits."""
    return f"{number:,}" if number.bit_length() <= 64 else "more than 2^64"


def _decrypted(algorithm: Any, vector: bytes, sealed: bytes) -> bytes:
    opening = Cipher(algorithm, modes.CBC(vector)).decryptor()
    unpadding = padding.PKCS7(algorithm.block_size).unpadder()
    try:
        clear = opening.update(sealed) + opening.finalize()
        return unpadding.update(clear) + unpadding.finalize()
    except ValueError:
        raise WrongPasswordError("does not open") from None
