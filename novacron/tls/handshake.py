"""Negotiated parameters of a connection."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from novacron.tls.groups import POST_QUANTUM_GROUPS, POST_QUANTUM_SIGNATURES


@dataclass(frozen=True, slots=True)
class Handshake:
    """The negotiated parameters of a completed handshake.

    Attributes:
        version: `TLSv1.3`, ...
        cipher: the cipher suite, in OpenSSL's spelling.
        group: key exchange, for example `X25519MLKEM768`; None if it cannot be determined.
        signature: scheme of the server's handshake signature, for example `mldsa65`; None if it cannot be
            determined.
    """

    version: str
    cipher: str
    group: str | None
    signature: str | None

    @property
    def pq(self) -> bool:
        """Whether recorded traffic stays secret: the key exchange is post-quantum."""
        return self.group in POST_QUANTUM_GROUPS

    @property
    def pq_signature(self) -> bool:
        """Whether the server's handshake signature is post-quantum."""
        return self.signature in POST_QUANTUM_SIGNATURES

    def document(self) -> dict[str, Any]:
        """Return it as plain JSON, with `pq` and `pq_signature`."""
        return asdict(self) | {"pq": self.pq, "pq_signature": self.pq_signature}

    def __str__(self) -> str:
        if self.group is None:
            return f"{self.version}, group unknown"
        strength = "post-quantum" if self.pq else "classical"
        return f"{self.version}, {self.group} ({strength}), {self.signature}"
