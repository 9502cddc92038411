"""Private keys of ML-KEM, ML-DSA, SLH-DSA and X-Wing in PKCS#8.

Source: RFC 9935 and RFC 9881, sections 6; RFC 9909, section 6; draft-connolly-cfrg-xwing-kem, section 5.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from novacron.algorithms.lattices import LATTICES as ALGORITHMS
from novacron.algorithms.liboqs import LIBOQS
from novacron.crypto import der, library_keys, pkcs8

_SEED = 0x80
XWING = "1.3.6.1.4.1.62253.25722"
_XWING_CONTENT = bytes.fromhex("2b0601040183e62d81c87a")
XWING_SEED_BYTES = 32


class InconsistentError(ValueError):
    """The parts of a key are inconsistent."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """A parameter set.

    Attributes:
        name: name of the algorithm.
        seed_bytes: length of a seed.
        expanded_bytes: length of an expanded key.
        public_bytes: length of a public key.
        library: the library's type of private keys; None if it has none.
    """

    name: str
    seed_bytes: int
    expanded_bytes: int
    public_bytes: int
    library: Any = None


LATTICES = {
    one.oid: Lattice(
        one.name, one.private_key_bytes, one.expanded_private_key_bytes, one.public_key_bytes,
        library_keys.LATTICES[one.name].private if one.name in library_keys.LATTICES else None,
    )
    for one in ALGORITHMS
    if one.oid and one.private_key_bytes and one.expanded_private_key_bytes
}  # fmt: skip
"""Object identifier -> parameter set."""
SLH_DSA = {one.oid: one.name for one in LIBOQS if one.standard == "FIPS 205"}
"""Object identifier -> name of the parameter set."""


@dataclass(frozen=True, slots=True)
class LatticeKey:
    """A private key of ML-KEM or ML-DSA whose parts are consistent.

    Attributes:
        lattice: its parameter set.
        seed: seed of the key; None if unknown.
        expanded: the standard's expanded form; None if only the seed is given.
        public: SubjectPublicKeyInfo in DER.
    """

    lattice: Lattice
    seed: bytes | None = field(repr=False)
    expanded: bytes | None = field(repr=False)
    public: bytes

    @property
    def key(self) -> Any:
        """The library's key; None if it does not support the algorithm, or the seed is unknown."""
        known = self.lattice.library is not None and self.seed is not None
        return self.lattice.library.from_seed_bytes(self.seed) if known else None


def read(info: pkcs8.Info) -> LatticeKey:
    """Read a key in any form: seed, expanded, both, and the bare forms that OpenSSL has options for.

    Raises:
        InconsistentError: its parts are inconsistent.
        ValueError: it is not a key of its algorithm.
    """
    lattice = LATTICES[info.oid]
    seed, expanded = _halves(lattice, info.private_key)
    if (seed is not None and len(seed) != lattice.seed_bytes) or (
        expanded is not None and len(expanded) != lattice.expanded_bytes
    ):
        raise ValueError("of a wrong length")
    return LatticeKey(lattice, seed, expanded, public_of(_standard(info, seed, expanded)))


def _halves(lattice: Lattice, data: bytes) -> tuple[bytes | None, bytes | None]:
    """Return seed and expanded key, of which one may be missing."""
    if len(data) == lattice.seed_bytes:
        return data, None
    if len(data) == lattice.expanded_bytes:
        return None, data
    (one,) = der.elements(data)
    if one.tag == _SEED:
        return one.content, None
    if one.tag == der.OCTETS:
        both = len(one.content) == lattice.expanded_bytes + lattice.public_bytes  # from oqs-provider
        return None, one.content[: lattice.expanded_bytes] if both else one.content
    seed, expanded = one.expect(der.SEQUENCE).parts()
    return seed.expect(der.OCTETS).content, expanded.expect(der.OCTETS).content


def _standard(info: pkcs8.Info, seed: bytes | None, expanded: bytes | None) -> bytes:
    """Return the key in the form of its RFC."""
    if expanded is None:
        inner = der.encoded(_SEED, seed or b"")
    elif seed is None:
        inner = der.encoded(der.OCTETS, expanded)
    else:
        halves = (der.encoded(der.OCTETS, seed), der.encoded(der.OCTETS, expanded))
        inner = der.encoded(der.SEQUENCE, *halves)
    return pkcs8.Info(info.oid, info.algorithm, inner, None).version_1()


def public_of(clear: bytes) -> bytes:
    """Return a private key's public half in DER, from OpenSSL, which checks that its parts are consistent.

    Raises:
        InconsistentError: they are not.
    """
    from OpenSSL import crypto  # imported late: few commands need it

    try:
        key = crypto.load_privatekey(crypto.FILETYPE_ASN1, clear)
        return bytes(crypto.dump_publickey(crypto.FILETYPE_ASN1, key))
    except crypto.Error:
        raise InconsistentError("its parts do not fit together") from None


def xwing(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    """Return the two keys derived from an X-Wing seed.

    Args:
        seed: `XWING_SEED_BYTES` bytes.
    """
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def xwing_pkcs8(seed: bytes) -> bytes:
    """Return an X-Wing seed as PKCS#8 in DER."""
    algorithm = der.encoded(der.SEQUENCE, der.encoded(der.OID, _XWING_CONTENT))
    return pkcs8.Info(XWING, algorithm, seed, None).version_1()
