"""Contents of PEM blocks (RFC 7468), in any order and with any text between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.serialization import load_der_public_key, pkcs7

from novacron.crypto import der as structure
from novacron.crypto.pem import Block
from shared.crypto.found import Findings, Found, unread
from workers.crypto.inventory.formats import der, encrypted, openssh, pkcs12, private_key, public_key, x509
from workers.crypto.inventory.formats.public_key import UNREADABLE

PASSED_OVER = ("EC PARAMETERS", "X509 CRL")
"""Labels without a key: curve parameters beside their key, and a list whose signer is in a certificate."""
_UNREAD = {"PGP": "of OpenPGP", "TSS2": "of a TPM", "OPENVPN STATIC KEY": "a static key of OpenVPN"}
_TRADITIONAL = {"RSA PRIVATE KEY": "RSA", "EC PRIVATE KEY": "EC", "DSA PRIVATE KEY": "DSA"}
_PRIVATE = ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", *_TRADITIONAL)
_SHORTEST = 40
"""Minimum number of base64 characters of a key; a shorter block is a label mentioned in source code."""
Reader = Callable[[bytes, str], Found]


def read(number: int, block: Block, location: str) -> Findings:
    """Yield the contents of a block.

    Args:
        number: position of the block in its file, from 1.
        block: the block.
        location: the file.
    """
    if block.label in PASSED_OVER or is_mention(block):
        return
    try:
        yield from _held(block, location)
    except UNREADABLE as error:
        missing = " (it has no end)" if not block.base64 and str(error) == "empty" else ""
        yield unread(location, f"block {number}, {_kind(block.label)}, cannot be read{missing}")


def _kind(label: str) -> str:
    """Return the display name of an unreadable block; unknown labels are not repeated."""
    if label in READERS or label in _MANY:
        return label
    return next((text for start, text in _UNREAD.items() if label.startswith(start)), "of another kind")


def is_mention(block: Block) -> bool:
    """Return whether it is a label in source code without a body."""
    return not block.alone and len(block.base64) < _SHORTEST


def _held(block: Block, location: str) -> Iterator[Found]:
    if block.label in _TRADITIONAL and any("ENCRYPTED" in line for line in block.headers):
        yield private_key.encrypted(location, f"encrypted {block.label}", _TRADITIONAL[block.label])
    elif many := _MANY.get(block.label):
        yield from many(block.der(), location)
    elif reader := READERS.get(block.label):
        yield reader(block.der(), location)
    else:
        raise ValueError("unknown label")


def _pkcs7(data: bytes, location: str) -> Iterator[Found]:
    for one in pkcs7.load_der_pkcs7_certificates(data):
        yield x509.of_certificate(one, location)


def _age(data: bytes, location: str) -> Iterator[Found]:
    found = encrypted.read(data, len(data), "an age file", location)
    return (one for one in found if isinstance(one, Found))


def _pkcs12(data: bytes, location: str) -> Iterator[Found]:
    if (found := pkcs12.read(data, location)) is None:
        raise ValueError("not PKCS #12")
    return iter(found)


def _trusted(data: bytes, location: str) -> Found:
    """Return a certificate with OpenSSL's trust settings appended."""
    return x509.certificate(structure.first(data).whole, location)


def _public_rsa(data: bytes, location: str) -> Found:
    """Return a PKCS #1 public key (RFC 8017, appendix A.1.1), which is not a SubjectPublicKeyInfo."""
    key = public_key.of_library(load_der_public_key(data))
    return Found(
        "key", f"public key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": "PKCS#1", "private": False},
    )  # fmt: skip


def _parameters(data: bytes, location: str) -> Found:
    """Return finite-field Diffie-Hellman parameters, used by servers for key exchange."""
    bits = structure.sequence(data)[0].integer().bit_length()
    return Found(
        "algorithm", f"DH parameters of {bits} bits", location, f"DH-{bits}", bits, ("confidentiality",)
    )


_MANY: dict[str, Callable[[bytes, str], Iterator[Found]]] = {
    "PKCS7": _pkcs7,
    "CMS": _pkcs7,
    "PKCS12": _pkcs12,
    "AGE ENCRYPTED FILE": _age,
}
"""Label -> reader of blocks with several objects."""
READERS: dict[str, Reader] = {
    "CERTIFICATE": x509.certificate,
    "TRUSTED CERTIFICATE": _trusted,
    "X509 CERTIFICATE": x509.certificate,
    "CERTIFICATE REQUEST": x509.request,
    "NEW CERTIFICATE REQUEST": x509.request,
    "PUBLIC KEY": der.public,
    "RSA PUBLIC KEY": _public_rsa,
    "OPENSSH PRIVATE KEY": openssh.private,
    "DH PARAMETERS": _parameters,
    "X9.42 DH PARAMETERS": _parameters,
    **dict.fromkeys(_PRIVATE, private_key.der),
}
"""Label -> reader of the block."""
