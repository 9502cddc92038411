"""Properties of one algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["kem", "signature", "encryption"]
Status = Literal["standard", "draft", "candidate", "round3", "classical"]

USAGES: dict[Type, str] = {"signature": "sign", "encryption": "decrypt", "kem": "decapsulate"}
"""Type of algorithm -> the only use of its private keys."""


@dataclass(frozen=True, slots=True, eq=False)
class Algorithm:
    """One parameter set. All sizes are in bytes; None where they vary or do not apply.

    Attributes:
        name: as in its standard.
        type: key encapsulation, signature, or encryption for the owner of a public key (HPKE).
        nist_level: NIST security category, 1 to 5; 0 for algorithms that a quantum computer breaks.
        standard: where it is defined.
        oid: object identifier in dotted form; empty where it has none.
        public_key_bytes: encoded public key.
        private_key_bytes: private key as stored, a seed wherever there is one; liboqs stores the public key
            behind it.
        status: a standard; a draft of one; a candidate of NIST's process; a submission to its third round,
            which is incompatible with the standard derived from it; or classical.
        aliases: other spellings of the same algorithm.
        expanded_private_key_bytes: private key in the standard's expanded form.
        ciphertext_bytes: encapsulated key; for encryption, the overhead over the plaintext.
        shared_secret_bytes: shared secret of a key encapsulation.
        signature_bytes: maximum length of a signature.
        providers: names in `workers.crypto.PROVIDERS`, the preferred one first.
        parts: its component keys in the order of their encodings, where these have other names.
        successor: for a submission: the standard derived from it.
        tls_groups: TLS groups that contain it, the hybrid one first (RFC 9954).
        hpke: for a key encapsulation: the HPKE suites that use it, the hybrid one first.
        ssh_kex: for a key encapsulation: the SSH key exchanges that contain it.
    """

    name: str
    type: Type
    nist_level: int
    standard: str
    oid: str
    public_key_bytes: int
    private_key_bytes: int | None
    status: Status = "standard"
    aliases: tuple[str, ...] = ()
    expanded_private_key_bytes: int | None = None
    ciphertext_bytes: int | None = None
    shared_secret_bytes: int | None = None
    signature_bytes: int | None = None
    providers: tuple[str, ...] = ("cryptography",)
    parts: tuple[str, ...] = ()
    successor: str | None = None
    tls_groups: tuple[str, ...] = ()
    hpke: tuple[str, ...] = ()
    ssh_kex: tuple[str, ...] = ()

    @property
    def components(self) -> tuple[str, ...]:
        """The component keys of one of its keys, in the order of their encodings."""
        return self.parts or (self.name,)

    @property
    def usage(self) -> str:
        """The only use of its private keys."""
        return USAGES[self.type]

    @property
    def quantum_vulnerable(self) -> bool:
        """Whether a quantum computer breaks it."""
        return self.status == "classical"

    @property
    def takes_context(self) -> bool:
        """Whether its signatures support a context string (FIPS 204, section 5.2; FIPS 205, section 10.2)."""
        return self.type == "signature" and self.standard in ("FIPS 204", "FIPS 205")
