"""Cryptographic algorithms."""

from __future__ import annotations

from typing import Literal

from novacron.answers.answer import Answer


class Provider(Answer, shown=("name", "available", "why")):
    """A library that implements an algorithm.

    Attributes:
        name: name of the library.
        available: whether it is available here.
        why: why it is unavailable; null if it is available.
    """

    name: str
    available: bool
    why: str | None


class Algorithm(Answer, shown=("name", "type", "nist_level", "status", "available")):
    """One parameter set; sizes are in bytes, null where they vary or do not apply.

    Attributes:
        name: as in its standard.
        type: key encapsulation, signature, or public-key encryption (HPKE).
        nist_level: NIST security category, 1 to 5; 0 where a quantum computer breaks it.
        standard: where it is defined.
        oid: object identifier in dotted form; empty where it has none.
        public_key_bytes: encoded public key.
        private_key_bytes: private key as stored.
        status: standard, draft, candidate, round 3 submission or classical.
        aliases: other spellings.
        expanded_private_key_bytes: private key in the standard's expanded form.
        ciphertext_bytes: encapsulated key; for encryption, the overhead over the plaintext.
        shared_secret_bytes: shared secret of a key encapsulation.
        signature_bytes: longest signature.
        providers: libraries, the preferred one first.
        quantum_vulnerable: whether a quantum computer breaks it.
        takes_context: whether its signatures support a context string (FIPS 204, section 5.2).
        successor: name of the algorithm that replaces it; null where there is none.
        available: whether a library here implements it.
        permitted: whether this installation permits new keys of it.
    """

    name: str
    type: Literal["kem", "signature", "encryption"]
    nist_level: int
    standard: str
    oid: str
    public_key_bytes: int
    private_key_bytes: int | None
    status: str
    aliases: list[str]
    expanded_private_key_bytes: int | None
    ciphertext_bytes: int | None
    shared_secret_bytes: int | None
    signature_bytes: int | None
    providers: list[Provider]
    quantum_vulnerable: bool
    takes_context: bool
    successor: str | None
    available: bool
    permitted: bool


class Algorithms(Answer, shown=("kem_algorithms", "signature_algorithms", "encryption_algorithms")):
    """All algorithms.

    Attributes:
        algorithms: algorithms with sizes and libraries.
        kem_algorithms: names of the key encapsulation mechanisms.
        signature_algorithms: names of the signature algorithms.
        encryption_algorithms: names of the encryption suites.
    """

    algorithms: list[Algorithm]
    kem_algorithms: list[str]
    signature_algorithms: list[str]
    encryption_algorithms: list[str]
