"""Composite ML-DSA: two signatures as one, under one object identifier. A draft, used only if named.

Source: draft-ietf-lamps-pq-composite-sigs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, BinaryIO

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from novacron.algorithms import ALGORITHMS
from novacron.crypto import library_keys
from novacron.errors import BadInput, NotAuthentic

PREFIX = b"CompositeAlgorithmSignatures2025"
SEED_BYTES = 32
MOST_CONTEXT_BYTES = 255
_RAW_PUBLIC = (encoding.Encoding.Raw, encoding.PublicFormat.Raw)
_RAW_PRIVATE = (encoding.Encoding.Raw, encoding.PrivateFormat.Raw, encoding.NoEncryption())
_POINT = (encoding.Encoding.X962, encoding.PublicFormat.UncompressedPoint)
_CURVE_OIDS = {
    "secp256r1": "1.2.840.10045.3.1.7",
    "secp384r1": "1.3.132.0.34",
    "secp521r1": "1.3.132.0.35",
    "brainpoolP256r1": "1.3.36.3.3.2.8.1.1.7",
    "brainpoolP384r1": "1.3.36.3.3.2.8.1.1.11",
}
_TRADITIONAL = (encoding.Encoding.DER, encoding.PrivateFormat.TraditionalOpenSSL, encoding.NoEncryption())


@dataclass(frozen=True, slots=True)
class Lattice:
    """A parameter set of ML-DSA; sizes in bytes."""

    private: Any
    public: Any
    public_bytes: int
    signature_bytes: int


@dataclass(frozen=True, slots=True)
class Traditional:
    """The classical half: the draft's encodings, and the arguments of its signatures."""

    generate: Callable[[], Any]
    load_public: Callable[[bytes], Any]
    dump_public: Callable[[Any], bytes]
    load_private: Callable[[bytes], Any]
    dump_private: Callable[[Any], bytes]
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Composite:
    """A pair of algorithms.

    Attributes:
        name: as in the draft.
        oid: object identifier in dotted form.
        label: label that both signatures are bound to.
        digest: hash function applied to the message before both signatures.
    """

    name: str
    oid: str
    label: bytes
    digest: hashes.HashAlgorithm
    lattice: Lattice = field(repr=False)
    traditional: Traditional = field(repr=False)


def _rsa(bits: int, arguments: tuple[Any, ...]) -> Traditional:
    return Traditional(
        lambda: rsa.generate_private_key(65537, bits),
        encoding.load_der_public_key,
        lambda key: key.public_bytes(encoding.Encoding.DER, encoding.PublicFormat.PKCS1),
        lambda data: encoding.load_der_private_key(data, None),
        lambda key: key.private_bytes(*_TRADITIONAL),
        arguments,
    )


def _pss(bits: int, digest: hashes.HashAlgorithm) -> Traditional:
    return _rsa(bits, (padding.PSS(padding.MGF1(digest), digest.digest_size), digest))


def _pkcs15(bits: int, digest: hashes.HashAlgorithm) -> Traditional:
    return _rsa(bits, (padding.PKCS1v15(), digest))


@asn1.sequence
class ECPrivateKey:
    """Source: RFC 5915, section 3; the draft omits the public key, which the library would add."""

    version: int
    private_key: bytes
    parameters: Annotated[x509.ObjectIdentifier, asn1.Explicit(0)]


def _dump_ec(key: Any) -> bytes:
    size = (key.curve.key_size + 7) // 8
    private = key.private_numbers().private_value.to_bytes(size)
    oid = x509.ObjectIdentifier(_CURVE_OIDS[key.curve.name])
    return asn1.encode_der(ECPrivateKey(version=1, private_key=private, parameters=oid))


def _ecdsa(curve: ec.EllipticCurve, digest: hashes.HashAlgorithm) -> Traditional:
    return Traditional(
        lambda: ec.generate_private_key(curve),
        lambda data: ec.EllipticCurvePublicKey.from_encoded_point(curve, data),
        lambda key: key.public_bytes(*_POINT),
        lambda data: encoding.load_der_private_key(data, None),
        _dump_ec,
        (ec.ECDSA(digest),),
    )


def _eddsa(private: Any, public: Any) -> Traditional:
    return Traditional(
        private.generate,
        public.from_public_bytes,
        lambda key: key.public_bytes(*_RAW_PUBLIC),
        private.from_private_bytes,
        lambda key: key.private_bytes(*_RAW_PRIVATE),
        (),
    )


def _lattice(name: str) -> Lattice:
    one = ALGORITHMS[name]
    assert one.signature_bytes is not None
    return Lattice(*library_keys.LATTICES[name], one.public_key_bytes, one.signature_bytes)


_44, _65, _87 = map(_lattice, ("ML-DSA-44", "ML-DSA-65", "ML-DSA-87"))
_SHA256, _SHA384, _SHA512 = hashes.SHA256(), hashes.SHA384(), hashes.SHA512()
_ED25519 = _eddsa(ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)
_ED448 = _eddsa(ed448.Ed448PrivateKey, ed448.Ed448PublicKey)

# Name without its prefix `id-`, last arc of the object identifier, label if it differs from the name, and so
# on.
_ROWS: tuple[tuple[str, int, str | None, hashes.HashAlgorithm, Lattice, Traditional], ...] = (
    ("MLDSA44-RSA2048-PSS-SHA256", 37, None, _SHA256, _44, _pss(2048, _SHA256)),
    ("MLDSA44-RSA2048-PKCS15-SHA256", 38, None, _SHA256, _44, _pkcs15(2048, _SHA256)),
    ("MLDSA44-Ed25519-SHA512", 39, None, _SHA512, _44, _ED25519),
    ("MLDSA44-ECDSA-P256-SHA256", 40, None, _SHA256, _44, _ecdsa(ec.SECP256R1(), _SHA256)),
    ("MLDSA65-RSA3072-PSS-SHA512", 41, None, _SHA512, _65, _pss(3072, _SHA256)),
    ("MLDSA65-RSA3072-PKCS15-SHA512", 42, None, _SHA512, _65, _pkcs15(3072, _SHA256)),
    ("MLDSA65-RSA4096-PSS-SHA512", 43, None, _SHA512, _65, _pss(4096, _SHA384)),
    ("MLDSA65-RSA4096-PKCS15-SHA512", 44, None, _SHA512, _65, _pkcs15(4096, _SHA384)),
    ("MLDSA65-ECDSA-P256-SHA512", 45, None, _SHA512, _65, _ecdsa(ec.SECP256R1(), _SHA256)),
    ("MLDSA65-ECDSA-P384-SHA512", 46, None, _SHA512, _65, _ecdsa(ec.SECP384R1(), _SHA384)),
    (
        "MLDSA65-ECDSA-brainpoolP256r1-SHA512", 47, "MLDSA65-ECDSA-BP256-SHA512",
        _SHA512, _65, _ecdsa(ec.BrainpoolP256R1(), _SHA256),
    ),
    ("MLDSA65-Ed25519-SHA512", 48, None, _SHA512, _65, _ED25519),
    ("MLDSA87-ECDSA-P384-SHA512", 49, None, _SHA512, _87, _ecdsa(ec.SECP384R1(), _SHA384)),
    (
        "MLDSA87-ECDSA-brainpoolP384r1-SHA512", 50, "MLDSA87-ECDSA-BP384-SHA512",
        _SHA512, _87, _ecdsa(ec.BrainpoolP384R1(), _SHA384),
    ),
    ("MLDSA87-Ed448-SHAKE256", 51, None, hashes.SHAKE256(64), _87, _ED448),
    ("MLDSA87-RSA3072-PSS-SHA512", 52, None, _SHA512, _87, _pss(3072, _SHA256)),
    ("MLDSA87-RSA4096-PSS-SHA512", 53, None, _SHA512, _87, _pss(4096, _SHA384)),
    ("MLDSA87-ECDSA-P521-SHA512", 54, None, _SHA512, _87, _ecdsa(ec.SECP521R1(), _SHA512)),
)  # fmt: skip

COMPOSITES: dict[str, Composite] = {
    f"id-{name}": Composite(
        f"id-{name}", f"1.3.6.1.5.5.7.6.{arc}", b"COMPSIG-" + (label or name).encode(), digest, lattice, half
    )
    for name, arc, label, digest, lattice, half in _ROWS
}


def find(algorithm: str, *, draft: bool) -> Composite:
    """Return the composite of that name.

    Raises:
        BadInput: there is none, or drafts are not enabled.
    """
    if not draft:
        raise BadInput(
            "composite signatures are a draft and may still change", hint="ask for them with draft"
        )
    if algorithm not in COMPOSITES:
        raise BadInput(f"must be one of {', '.join(COMPOSITES)}", field="algorithm", value=algorithm)
    return COMPOSITES[algorithm]


def generate(algorithm: str, *, draft: bool = False) -> tuple[bytes, bytes]:
    """Generate a pair: (public key, private key). The draft forbids using either half for anything else."""
    composite = find(algorithm, draft=draft)
    lattice, half = composite.lattice.private.generate(), composite.traditional.generate()
    public = lattice.public_key().public_bytes_raw() + composite.traditional.dump_public(half.public_key())
    return public, lattice.private_bytes_raw() + composite.traditional.dump_private(half)


def sign(
    algorithm: str, private: bytes, source: BinaryIO, *, context: bytes = b"", draft: bool = False
) -> bytes:
    """Sign a stream.

    Raises:
        BadInput: unknown algorithm, a private key of another algorithm, or a context of over 255 bytes.
    """
    composite = find(algorithm, draft=draft)
    try:
        lattice = composite.lattice.private.from_seed_bytes(private[:SEED_BYTES])
        half = composite.traditional.load_private(private[SEED_BYTES:])
    except ValueError:
        raise BadInput(f"is not a private key of {algorithm}") from None
    message = _message(composite, source, context)
    signature: bytes = lattice.sign(message, composite.label)
    return signature + bytes(half.sign(message, *composite.traditional.arguments))


def verify(
    algorithm: str,
    public: bytes,
    source: BinaryIO,
    signature: bytes,
    *,
    context: bytes = b"",
    draft: bool = False,
) -> None:
    """Verify both signatures of a stream.

    Raises:
        NotAuthentic: one of them is invalid.
        BadInput: unknown algorithm, a public key of another algorithm, or a context of over 255 bytes.
    """
    composite = find(algorithm, draft=draft)
    lattice, half = composite.lattice, composite.traditional
    try:
        first = lattice.public.from_public_bytes(public[: lattice.public_bytes])
        second: Any = half.load_public(public[lattice.public_bytes :])
    except ValueError:
        raise BadInput(f"is not a public key of {algorithm}") from None
    message = _message(composite, source, context)
    try:
        first.verify(signature[: lattice.signature_bytes], message, composite.label)
        second.verify(signature[lattice.signature_bytes :], message, *half.arguments)
    except (InvalidSignature, ValueError):
        raise NotAuthentic("the signature is invalid") from None


def _message(composite: Composite, source: BinaryIO, context: bytes) -> bytes:
    """Return the message that both halves sign: the draft's M'."""
    if len(context) > MOST_CONTEXT_BYTES:
        raise BadInput(f"must have at most {MOST_CONTEXT_BYTES} bytes", field="context")
    digest = hashes.Hash(composite.digest)
    while chunk := source.read(1 << 18):
        digest.update(chunk)
    return PREFIX + composite.label + bytes([len(context)]) + context + digest.finalize()
