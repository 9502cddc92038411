"""Text with PEM blocks (RFC 7468), in any order and with anything between them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.serialization import load_der_public_key, pkcs7

from shared.found import Findings, Found, unread
from workers.inventory import der, openssh, private_key, public_key, x509
from workers.inventory.public_key import UNREADABLE

MARK = b"-----BEGIN "
_BEGIN = re.compile(rb"(?m)^-----BEGIN ([A-Z0-9 ]{1,60})-----")
_IGNORED = ("PARAMETERS", "X509 CRL")
_TRADITIONAL = {"RSA PRIVATE KEY": "RSA", "EC PRIVATE KEY": "EC", "DSA PRIVATE KEY": "DSA"}
_PRIVATE = ("PRIVATE KEY", *_TRADITIONAL)
Reader = Callable[[bytes, str], Found]


def read(data: bytes, location: str) -> Findings:
    """What the blocks hold, in their order."""
    for number, (label, body) in enumerate(_blocks(data), 1):
        if label.endswith(_IGNORED):
            continue
        try:
            yield from _block(label, body, location)
        except UNREADABLE:
            kind = label if label in READERS else "of another kind"  # what is unknown is not repeated
            yield unread(location, f"block {number}, {kind}, cannot be read")


def _blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Label and body of each block, found in one pass."""
    at = 0
    while begin := _BEGIN.search(data, at):
        end = b"-----END " + begin[1] + b"-----"
        at = begin.end()
        if (stop := data.find(end, at, _next(data, at))) < 0:
            yield begin[1].decode(), b""
            continue
        yield begin[1].decode(), data[at:stop]
        at = stop + len(end)


def _next(data: bytes, at: int) -> int:
    following = data.find(MARK, at)
    return following if following >= 0 else len(data)


def _block(label: str, body: bytes, location: str) -> Iterator[Found]:
    if b"ENCRYPTED" in body and label in _TRADITIONAL:
        yield private_key.encrypted(location, f"encrypted {label}", _TRADITIONAL[label])
    elif label == "ENCRYPTED PRIVATE KEY":
        yield private_key.encrypted(location, "encrypted private key")
    elif label in ("PKCS7", "CMS"):
        for one in pkcs7.load_der_pkcs7_certificates(_decoded(body)):
            yield x509.of_certificate(one, location)
    elif reader := READERS.get(label):
        yield reader(_decoded(body), location)
    else:
        raise ValueError("unknown label")


def _decoded(body: bytes) -> bytes:
    return base64.b64decode(b"".join(body.split()), validate=True)


def _public_rsa(data: bytes, location: str) -> Found:
    """PKCS #1 (RFC 8017, appendix A.1.1), which is no SubjectPublicKeyInfo."""
    key = public_key.of_library(load_der_public_key(data))
    return Found(
        "key", f"public key {key.algorithm}", location, key.algorithm, key.bits, (), key.fingerprint,
        details={"form": "PKCS#1", "private": False},
    )  # fmt: skip


READERS: dict[str, Reader] = {
    "CERTIFICATE": x509.certificate,
    "TRUSTED CERTIFICATE": x509.certificate,
    "X509 CERTIFICATE": x509.certificate,
    "CERTIFICATE REQUEST": x509.request,
    "NEW CERTIFICATE REQUEST": x509.request,
    "PUBLIC KEY": der.public,
    "RSA PUBLIC KEY": _public_rsa,
    "OPENSSH PRIVATE KEY": openssh.private,
    **dict.fromkeys(_PRIVATE, private_key.der),
}
"""Label -> what reads the block."""
