"""Keys on the client's machine: their algorithms, encodings and fingerprints.

A key of a hybrid algorithm is stored as its component keys, one PEM block each, post-quantum first.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives import serialization as encoding
from cryptography.hazmat.primitives.asymmetric import ec

from novacron.algorithms import COMPONENTS as _SIZED
from novacron.algorithms.classical import CLASSICAL
from novacron.algorithms.encryption import ENCRYPTION
from novacron.algorithms.lattices import LATTICES
from novacron.crypto import library_keys, pem, private_keys
from novacron.crypto.private_keys import LARGEST_BYTES, Part, name_of
from novacron.crypto.suites import SUITES
from novacron.errors import BadInput


@dataclass(frozen=True, slots=True)
class Component:
    """A key type of the library.

    Attributes:
        public_bytes: length of the encoded public key; elliptic-curve points are uncompressed.
        generate: generates a private key.
        load: decodes a public key.
        dump: encodes a public key.
        has: whether a public key is of this type.
    """

    public_bytes: int
    generate: Callable[[], Any]
    load: Callable[[bytes], Any]
    dump: Callable[[Any], bytes]
    has: Callable[[Any], bool]


def _raw(private: Any, public: Any, public_bytes: int) -> Component:
    return Component(
        public_bytes,
        private.generate,
        public.from_public_bytes,
        lambda key: bytes(key.public_bytes_raw()),
        lambda key: isinstance(key, public),
    )


def _curve(curve: ec.EllipticCurve, public_bytes: int) -> Component:
    return Component(
        public_bytes,
        lambda: ec.generate_private_key(curve),
        lambda data: ec.EllipticCurvePublicKey.from_encoded_point(curve, data),
        lambda key: bytes(key.public_bytes(encoding.Encoding.X962, encoding.PublicFormat.UncompressedPoint)),
        lambda key: isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == curve.name,
    )


_CLASSES = library_keys.LATTICES | library_keys.MONTGOMERY_AND_EDWARDS
COMPONENTS: dict[str, Component] = {
    **{name: _raw(*classes, _SIZED[name].public_key_bytes) for name, classes in _CLASSES.items()},
    **{name: _curve(curve, _SIZED[name].public_key_bytes) for name, curve in library_keys.CURVES.items()},
}

ALGORITHMS: dict[str, tuple[str, ...]] = {
    one.name: one.components
    for one in (*ENCRYPTION, *LATTICES, *CLASSICAL)
    if one.type != "kem" and COMPONENTS.keys() >= set(one.components)
}
"""Algorithm -> its component keys, in the order of their encodings."""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_SPELLINGS = {_plain(name): name for name in ALGORITHMS}

_HYBRIDS: dict[str, tuple[Any, Any]] = {
    "X-Wing": (hpke.MLKEM768X25519PrivateKey, hpke.MLKEM768X25519PublicKey),
    "MLKEM1024-P384": (hpke.MLKEM1024P384PrivateKey, hpke.MLKEM1024P384PublicKey),
}


def _algorithm_of(publics: list[Any]) -> str:
    for algorithm, names in ALGORITHMS.items():
        if len(names) == len(publics) and all(
            COMPONENTS[name].has(key) for name, key in zip(names, publics, strict=True)
        ):
            return algorithm
    given = " + ".join(map(_component_of, publics))
    rule = "which are not the keys of one algorithm" if len(publics) > 1 else "which is of no use here"
    raise BadInput(f"holds {given}, {rule}", hint=f"known: {_made_of(ALGORITHMS)}")


def _component_of(public: Any) -> str:
    """Return the component name of a library's public key."""
    return next((name for name, one in COMPONENTS.items() if one.has(public)), "") or name_of(public)


def _made_of(algorithms: Iterable[str]) -> str:
    """Return the algorithms with their components in brackets, where those have other names."""
    parts_of = ((name, " + ".join(ALGORITHMS[name])) for name in algorithms)
    return ", ".join(name if name == parts else f"{name} ({parts})" for name, parts in parts_of)


def _publics(data: bytes) -> list[bytes]:
    if len(data) > LARGEST_BYTES:
        raise BadInput(f"no key is larger than {LARGEST_BYTES} bytes")
    blocks = list(pem.blocks(data))
    found = [block.pem() for block in blocks if block.label.endswith("PUBLIC KEY")]
    if not 1 <= len(found) <= 2:
        secret = any(block.label.endswith("PRIVATE KEY") for block in blocks)
        raise BadInput(
            f"must hold one public key, or the two of a hybrid, as PEM; holds {len(found)}",
            hint="it holds a private key: name the file of its public half" if secret else None,
        )
    return found


@dataclass(frozen=True)
class PublicKey:
    """A public key.

    Attributes:
        algorithm: name in `ALGORITHMS`.
        raw: concatenated encodings of its component keys.

    Raises:
        BadInput: the bytes are not a public key of that algorithm.
    """

    algorithm: str
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise BadInput(f"must be one of {', '.join(ALGORITHMS)}", field="algorithm", value=self.algorithm)
        _ = self.components

    @cached_property
    def components(self) -> tuple[Any, ...]:
        """The library's keys."""
        parts = [COMPONENTS[name] for name in ALGORITHMS[self.algorithm]]
        if len(self.raw) != (length := sum(part.public_bytes for part in parts)):
            raise BadInput(f"a public key of {self.algorithm} has {length} bytes, this has {len(self.raw)}")
        loaded, at = [], 0
        for part in parts:
            try:
                loaded.append(part.load(self.raw[at : at + part.public_bytes]))
            except ValueError:
                raise BadInput(f"is not a valid public key of {self.algorithm}") from None
            at += part.public_bytes
        return tuple(loaded)

    @cached_property
    def fingerprint(self) -> str:
        """`sha256:` and the SHA-256 of the algorithm's name, a zero byte and the raw key, in hexadecimal."""
        return "sha256:" + hashlib.sha256(self.algorithm.encode() + b"\0" + self.raw).hexdigest()

    @property
    def hpke(self) -> Any:
        """The key for the library's HPKE."""
        if self.algorithm in _HYBRIDS:
            return _HYBRIDS[self.algorithm][1](*self.components)
        return self.components[0]

    def pem(self) -> str:
        """Return each component's SubjectPublicKeyInfo as PEM."""
        form = (encoding.Encoding.PEM, encoding.PublicFormat.SubjectPublicKeyInfo)
        return "".join(key.public_bytes(*form).decode() for key in self.components)

    def document(self) -> dict[str, str]:
        """Return it as JSON, named by its fingerprint."""
        raw = base64.b64encode(self.raw).decode()
        return {"algorithm": self.algorithm, "public_key": raw, "name": self.fingerprint}

    @classmethod
    def from_components(cls, publics: list[Any]) -> PublicKey:
        """Return the key composed of these library keys.

        Raises:
            BadInput: no algorithm has these components.
        """
        algorithm = _algorithm_of(publics)
        parts = [COMPONENTS[name] for name in ALGORITHMS[algorithm]]
        return cls(algorithm, b"".join(part.dump(key) for part, key in zip(parts, publics, strict=True)))

    @classmethod
    def from_pem(cls, data: bytes) -> PublicKey:
        """Read a key from its PEM blocks.

        Raises:
            BadInput: they are not the public keys of one algorithm.
        """
        try:
            publics = [encoding.load_pem_public_key(block) for block in _publics(data)]
        except (ValueError, UnsupportedAlgorithm):
            raise BadInput("is not a public key that can be read") from None
        return cls.from_components(publics)


@dataclass(frozen=True)
class PrivateKey:
    """A private key; its repr shows the public half only.

    Attributes:
        public: public half.
        components: the library's keys.
    """

    public: PublicKey
    components: tuple[Any, ...] = field(repr=False, compare=False)

    @property
    def algorithm(self) -> str:
        """Name in `ALGORITHMS`."""
        return self.public.algorithm

    @property
    def hpke(self) -> Any:
        """The key for the library's HPKE."""
        if self.algorithm in _HYBRIDS:
            return _HYBRIDS[self.algorithm][0](*self.components)
        return self.components[0]

    def pem(self, password: str | None = None) -> str:
        """Return each component as PKCS#8 in PEM, encrypted if a password is given."""
        sealing: Any = (
            encoding.BestAvailableEncryption(password.encode()) if password else encoding.NoEncryption()
        )
        form = (encoding.Encoding.PEM, encoding.PrivateFormat.PKCS8, sealing)
        return "".join(key.private_bytes(*form).decode() for key in self.components)

    @classmethod
    def generate(cls, algorithm: str = "X-Wing") -> PrivateKey:
        """Generate a key with the system's random source; case and hyphens in the name do not matter.

        Raises:
            BadInput: the algorithm is not supported.
        """
        named = _SPELLINGS.get(_plain(algorithm))
        if named is None:
            raise BadInput(f"must be one of {', '.join(ALGORITHMS)}", field="algorithm", value=algorithm)
        return cls._of([COMPONENTS[name].generate() for name in ALGORITHMS[named]])

    @classmethod
    def from_pem(cls, data: bytes, password: str | None = None) -> PrivateKey:
        """Read a key from its file: PEM, or any other format that `private_keys.read` supports.

        Raises:
            BadInput: it is not the private key of one algorithm, or the password is wrong.
        """
        return cls._of([_usable(part) for part in private_keys.read(data, password)])

    @classmethod
    def _of(cls, privates: list[Any]) -> PrivateKey:
        return cls(PublicKey.from_components([key.public_key() for key in privates]), tuple(privates))


def signing_key(data: bytes, password: str | None = None) -> Any:
    """Return the library's private key in a file, of any signature algorithm.

    Args:
        data: any format that `private_keys.read` supports.
        password: password of an encrypted key.

    Raises:
        BadInput: it holds no such key, or the password is wrong.
    """
    parts = private_keys.read(data, password)
    key = _usable(parts[0])
    if len(parts) > 1 or not hasattr(key, "sign"):
        raise BadInput(f"does not sign: it is a key of {' and '.join(part.name for part in parts)}")
    return key


def opening_key(data: bytes, password: str | None = None) -> PrivateKey:
    """Return the private key in a file, of an algorithm for envelopes.

    Args:
        data: any format that `private_keys.read` supports.
        password: password of an encrypted key.

    Raises:
        BadInput: it holds no such key, or the password is wrong.
    """
    parts = private_keys.read(data, password)
    names = tuple(part.name for part in parts)
    if not any(ALGORITHMS[name] == names for name in SUITES):
        rule = f"opens no envelope: it is a private key of {' + '.join(names)}"
        raise BadInput(rule, hint=f"what opens one is a key of {_made_of(SUITES)}")
    return PrivateKey._of([_usable(part) for part in parts])


def _usable(part: Part) -> Any:
    """Return the library's key.

    Raises:
        BadInput: the library does not support it.
    """
    if part.key is not None:
        return part.key
    if part.name in COMPONENTS:
        rule = f"holds no seed, without which a key of {part.name} is of no use here"
        raise BadInput(rule, hint="novacron crypto keys import takes it into the store")
    raise BadInput(f"keys of {part.name} are of no use here", hint="the store may take them")


def read(path: str | Path) -> bytes:
    """Read a key file.

    Raises:
        BadInput: it cannot be read, or is too large for a key.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=str(path)) from None
