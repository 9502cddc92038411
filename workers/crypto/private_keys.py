"""Private keys that were made elsewhere: PEM or DER, PKCS#8 in all its forms, or the traditional ones.

ML-KEM and ML-DSA keys hold their seed, the expanded form, or both; with a password or without. What does not
fit together is refused. No message tells anything of a key.

Source: RFC 5958; RFC 9881 and RFC 9935, sections 6.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from Crypto import IncorrectPassphraseError, PassphraseRequiredError
from Crypto.IO import PEM, PKCS8
from Crypto.PublicKey import MLDSA, MLKEM
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import load_der_private_key

from novacron.crypto.keys import ALGORITHMS, pem_blocks
from novacron.crypto.suites import SUITES
from novacron.errors import BadInput
from shared.algorithms import Algorithm
from shared.algorithms.lattices import LATTICES
from workers.crypto.pyca_keys import KEY_TYPES
from workers.crypto.pycryptodome import PycryptodomeProvider

_LATTICES = {one.oid: one for one in LATTICES if one.oid}
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384"}
_ALONE = {"P-256": "ECDSA-P256", "P-384": "ECDSA-P384", "X25519": "HPKE-X25519"}
"""Component -> the algorithm of a key that is nothing else."""
# What the libraries raise for bytes that are no key.
UNREADABLE = (ValueError, TypeError, IndexError, UnsupportedAlgorithm)
_HPKE = {parts: name for name, parts in ALGORITHMS.items() if name in SUITES}


@dataclass(frozen=True, slots=True)
class _Component:
    """A key of its own, or a part of a hybrid.

    Attributes:
        name: as in `novacron.crypto.keys.COMPONENTS`; of ML-KEM and ML-DSA, that of the algorithm.
        stored: the seed wherever it is known.
        seeded: whether it is a seed, where the algorithm has one.
    """

    name: str
    stored: bytes = field(repr=False)
    seeded: bool = True


def import_private(data: bytes, password: str | None = None, usage: str | None = None) -> tuple[str, bytes]:
    """A private key's algorithm and the form in which it is stored.

    Args:
        data: PEM or DER; a hybrid is its two component keys as PEM, the post-quantum one first.
        password: of an encrypted key; not looked at where the key is not encrypted.
        usage: what the key is for: an ML-KEM-1024 key decrypts too, by HPKE, where that is asked for.

    Raises:
        BadInput: it cannot be read, its parts do not fit together, or the password is wrong or missing.
    """
    parts = [_component(der, password) for der in _ders(data)]
    names = tuple(part.name for part in parts)
    algorithm = _HPKE.get(names) if len(parts) > 1 or usage == "decrypt" else None
    if algorithm is None and len(parts) > 1:
        raise _refused(f"{' and '.join(names)} are not the keys of one algorithm")
    if algorithm and not all(part.seeded for part in parts):
        raise _refused("an ML-KEM key that decrypts must hold its seed")
    return algorithm or _ALONE.get(names[0], names[0]), b"".join(part.stored for part in parts)


def _refused(rule: str, hint: str | None = None) -> BadInput:
    return BadInput(rule, field="private_key", hint=hint)


def _ders(data: bytes) -> list[bytes]:
    if b"-----BEGIN " not in data:
        return [data]
    blocks = pem_blocks(data, "PRIVATE KEY")
    if not 1 <= len(blocks) <= 2:
        raise _refused(f"must hold one private key, or the two of a hybrid; holds {len(blocks)}")
    return [_der(block) for block in blocks]


def _der(block: bytes) -> bytes:
    if b"Proc-Type:" in block or b"OPENSSH" in block:
        hint = "openssl pkcs8 -topk8 or ssh-keygen -p -m PKCS8 write that"
        raise _refused("must be PKCS#8, or a traditional form without a password", hint)
    try:
        return bytes(PEM.decode(block.decode("ascii"))[0])
    except UNREADABLE:
        raise _refused("is not PEM that can be read") from None


def _component(der: bytes, password: str | None) -> _Component:
    try:
        lattice = _LATTICES.get(_identifier(der, password))
        return _lattice(lattice, der, password) if lattice else _classical(der, password)
    except PassphraseRequiredError:
        raise BadInput("is needed: the private key is encrypted", field="password") from None
    except IncorrectPassphraseError:
        raise BadInput("does not open this private key", field="password") from None
    except UNREADABLE:
        hint = "an ML-KEM or ML-DSA key with both a seed and an expanded key is read if these fit together"
        raise _refused("is not a private key that can be read", hint) from None


def _identifier(der: bytes, password: str | None) -> str:
    """Object identifier of a PKCS#8 key's type; empty for another form.

    Raises:
        PassphraseRequiredError: it is encrypted.
        IncorrectPassphraseError: with another password.
    """
    try:
        return str(PKCS8.unwrap(der, password).oid)
    except (PassphraseRequiredError, IncorrectPassphraseError):
        raise
    except UNREADABLE:
        return ""


def _lattice(algorithm: Algorithm, der: bytes, password: str | None) -> _Component:
    library = MLKEM if algorithm.type == "kem" else MLDSA
    key = library.import_key(der, password)
    stored = PycryptodomeProvider().private_bytes(algorithm.name, key)
    return _Component(algorithm.name, stored, len(stored) == algorithm.private_key_bytes)


def _classical(der: bytes, password: str | None) -> _Component:
    secret = password.encode() if password is not None and _encrypted(der) else None
    key = load_der_private_key(der, secret)
    name = _name(key)
    if name not in KEY_TYPES:
        raise _refused("is of a type, curve or size that is not stored", f"stored are {', '.join(KEY_TYPES)}")
    return _Component(name, KEY_TYPES[name].dump_private(key))


def _encrypted(der: bytes) -> bool:
    try:
        PKCS8.unwrap(der)
    except PassphraseRequiredError:
        return True
    except UNREADABLE:
        pass
    return False


def _name(key: object) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _CURVES.get(key.curve.name, "")
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "Ed25519"
    return "X25519" if isinstance(key, x25519.X25519PrivateKey) else ""
