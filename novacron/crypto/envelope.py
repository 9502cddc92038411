"""Envelopes: a data key encrypts the payload, and is itself sealed to each recipient.

Changing who can read an envelope changes its header only; no byte of the payload is encrypted again.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from novacron.crypto import payload
from novacron.crypto.header import (
    MOST_KEY_ID_BYTES,
    MOST_RECIPIENTS,
    Header,
    Preamble,
    Stanza,
    authenticated,
)
from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.crypto.suites import Suite, suite_of
from novacron.errors import BadInput, NotAuthentic

DATA_KEY_BYTES = 32
WRAP = b"NovaCron envelope 1 wrap"
MAC = b"NovaCron envelope 1 header"
PAYLOAD = b"NovaCron envelope 1 payload"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of an envelope.

    Attributes:
        public: key to seal to.
        key_id: name of the key in the envelope; by default the key's fingerprint.
    """

    public: PublicKey
    key_id: str = ""

    def __post_init__(self) -> None:
        if not (self.name.isascii() and self.name.isprintable() and " " not in self.name):
            raise BadInput("must be printable ASCII without spaces", field="key_id", value=self.name)
        if len(self.name) > MOST_KEY_ID_BYTES:
            raise BadInput(f"has more than {MOST_KEY_ID_BYTES} characters", field="key_id", value=self.name)

    @property
    def name(self) -> str:
        """Name of the key in the envelope."""
        return self.key_id or self.public.fingerprint

    def document(self) -> dict[str, str]:
        """Return it as JSON."""
        return {**self.public.document(), "name": self.name}


@dataclass(frozen=True, slots=True)
class Identity:
    """A recipient who opens an envelope, wherever the private key is stored.

    Attributes:
        algorithm: name of the suite.
        key_ids: names that envelopes may use for the key.
        decrypt: takes a ciphertext and its `info`, returns HPKE's plaintext; raises InvalidTag or ValueError.
    """

    algorithm: str
    key_ids: frozenset[str]
    decrypt: Callable[[bytes, bytes], bytes] = field(repr=False)

    @classmethod
    def of(cls, key: PrivateKey) -> Identity:
        """Return the identity for a private key, named by its fingerprint.

        Raises:
            BadInput: keys of its algorithm cannot decrypt.
        """
        private, suite = key.hpke, suite_of(key.algorithm).hpke
        return cls(
            key.algorithm,
            frozenset({key.public.fingerprint}),
            lambda sealed, info: bytes(suite.decrypt(sealed, private, info)),
        )


def seal(
    source: BinaryIO,
    target: BinaryIO,
    recipients: Sequence[Recipient | PublicKey],
    *,
    context: str = "",
    classical: bool = False,
) -> Header:
    """Encrypt a stream for one or more recipients, any of whom can open it.

    Args:
        source: the plaintext, read to its end.
        target: receives the envelope.
        recipients: recipients; a bare public key is named by its fingerprint.
        context: what the envelope belongs to; opening it requires the same text.
        classical: allow quantum-vulnerable suites.

    Raises:
        BadInput: a recipient's key cannot be used.
    """
    preamble = Preamble(os.urandom(16), _hash(context))
    data_key = os.urandom(DATA_KEY_BYTES)
    stanzas = tuple(_wrap(data_key, preamble, one) for one in _checked(recipients, classical))
    header = _header(data_key, preamble, stanzas)
    target.write(header.encode())
    payload.seal(source, target, _derive(data_key, preamble, PAYLOAD), preamble.encode())
    return header


def open_(
    source: BinaryIO,
    target: BinaryIO,
    identity: Identity | PrivateKey,
    *,
    context: str = "",
    rewrapped: Callable[[Header], Header] | None = None,
) -> Header:
    """Decrypt an envelope.

    Each chunk is written as soon as it has been verified, so the output must be discarded when this raises;
    `files.open_file` does so.

    Args:
        source: the envelope.
        target: receives the plaintext.
        identity: one of the recipients.
        context: the text it was sealed with.
        rewrapped: has another holder rewrap the header for this recipient.

    Raises:
        NotAuthentic: it was changed, is truncated, has another context, or is not for this recipient.
    """
    own = Header.read(source)
    header = rewrapped(own) if rewrapped else own
    data_key = _unwrap(header, identity)
    preamble = header.preamble
    if preamble != own.preamble or preamble.context_hash != _hash(context):
        raise NotAuthentic("the envelope belongs to another context")
    payload.open_(source, target, _derive(data_key, preamble, PAYLOAD), preamble.encode())
    return header


def rewrap(
    header: Header,
    identity: Identity | PrivateKey,
    *,
    add: Sequence[Recipient | PublicKey] = (),
    drop: Collection[str] = (),
    classical: bool = False,
) -> Header:
    """Return the header for changed recipients; a recipient of the same name is replaced.

    Args:
        header: current header.
        identity: one of the current recipients.
        add: recipients to add.
        drop: key ids of recipients to remove; they may have kept what they could read.
        classical: allow quantum-vulnerable suites.

    Raises:
        NotAuthentic: the header was changed, or is not for this recipient.
        BadInput: no recipients, or too many, would remain.
    """
    data_key = _unwrap(header, identity)
    added = _checked(add, classical) if add else []
    gone = {*drop, *(one.name for one in added)}
    kept = [stanza for stanza in header.stanzas if stanza.key_id not in gone]
    _check_count(len(kept) + len(added))
    stanzas = (*kept, *(_wrap(data_key, header.preamble, one) for one in added))
    return _header(data_key, header.preamble, stanzas)


def _checked(recipients: Sequence[Recipient | PublicKey], classical: bool) -> list[Recipient]:
    found = [one if isinstance(one, Recipient) else Recipient(one) for one in recipients]
    _check_count(len(found))
    if len({one.name for one in found}) < len(found):
        raise BadInput("a recipient is given twice")
    for one in found:
        suite = suite_of(one.public.algorithm)
        if not (suite.quantum_safe or classical):
            raise BadInput(
                f"a quantum computer opens what is sealed by {suite.name}",
                hint="use a key of X-Wing, or allow classical keys",
            )
    return found


def _check_count(recipients: int) -> None:
    if not 1 <= recipients <= MOST_RECIPIENTS:
        raise BadInput(f"an envelope has 1 to {MOST_RECIPIENTS} recipients, this would have {recipients}")


def _wrap(data_key: bytes, preamble: Preamble, recipient: Recipient) -> Stanza:
    suite = suite_of(recipient.public.algorithm)
    sealed = suite.hpke.encrypt(data_key, recipient.public.hpke, _info(preamble, suite, recipient.name))
    return Stanza(suite.ids, recipient.name, bytes(sealed))


def _unwrap(header: Header, identity: Identity | PrivateKey) -> bytes:
    """Return the data key after verifying the header's MAC with it."""
    identity = Identity.of(identity) if isinstance(identity, PrivateKey) else identity
    suite = suite_of(identity.algorithm)
    mine = [one for one in header.stanzas if one.suite is suite and one.key_id in identity.key_ids]
    if not mine:
        raise NotAuthentic("the envelope is not for this key")
    try:
        info = _info(header.preamble, suite, mine[0].key_id)
        data_key = identity.decrypt(mine[0].sealed, info)
        _mac(data_key, header.preamble, header.stanzas).verify(header.mac)
    except (InvalidTag, InvalidSignature, ValueError):
        raise NotAuthentic("the envelope was changed or is incomplete") from None
    return data_key


def _info(preamble: Preamble, suite: Suite, key_id: str) -> bytes:
    """Return HPKE's `info`, to which a sealed data key is bound."""
    name = key_id.encode()
    return WRAP + preamble.encode() + struct.pack(">HHHB", *suite.ids, len(name)) + name


def _header(data_key: bytes, preamble: Preamble, stanzas: tuple[Stanza, ...]) -> Header:
    return Header(preamble, stanzas, _mac(data_key, preamble, stanzas).finalize())


def _mac(data_key: bytes, preamble: Preamble, stanzas: tuple[Stanza, ...]) -> hmac.HMAC:
    # AES-GCM does not commit to its key; this MAC does, so all recipients open the same payload.
    mac = hmac.HMAC(_derive(data_key, preamble, MAC), hashes.SHA384())
    mac.update(authenticated(preamble, stanzas))
    return mac


def _derive(data_key: bytes, preamble: Preamble, label: bytes) -> bytes:
    return HKDF(hashes.SHA384(), 32, preamble.envelope_id, label).derive(data_key)


def _hash(context: str) -> bytes:
    digest = hashes.Hash(hashes.SHA384())
    try:
        digest.update(context.encode())
    except UnicodeEncodeError:
        raise BadInput("must be text that has a form in UTF-8", field="context") from None
    return digest.finalize()
