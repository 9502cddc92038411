"""What two sides of a connection agreed on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from novacron.tls.groups import POST_QUANTUM_GROUPS, POST_QUANTUM_SIGNATURES


@dataclass(frozen=True, slots=True)
class Handshake:
    """The parameters of one finished handshake.

    Attributes:
        version: `TLSv1.3`, ...
        cipher: the cipher suite, in OpenSSL's spelling.
        group: of the key exchange, `X25519MLKEM768` for instance; None where it cannot be read.
        signature: the scheme by which the server proved itself, `mldsa65` for instance; None where it cannot
            be read.
    """

    version: str
    cipher: str
    group: str | None
    signature: str | None

    @property
    def pq(self) -> bool:
        """Whether what was recorded today stays secret: the key exchange is post-quantum."""
        return self.group in POST_QUANTUM_GROUPS

    @property
    def pq_signature(self) -> bool:
        """Whether the server's proof is post-quantum."""
        return self.signature in POST_QUANTUM_SIGNATURES

    def document(self) -> dict[str, Any]:
        """The same as plain JSON, with `pq` and `pq_signature`."""
        return asdict(self) | {"pq": self.pq, "pq_signature": self.pq_signature}

    def __str__(self) -> str:
        if self.group is None:
            return f"{self.version}, group unknown"
        strength = "post-quantum" if self.pq else "classical"
        return f"{self.version}, {self.group} ({strength}), {self.signature}"
