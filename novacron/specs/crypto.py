"""Post-quantum cryptography: `cryptographic`."""

from typing import Literal

from novacron.specs.base import Spec
from novacron.specs.scalars import Identifier


class Crypto(Spec):
    """One operation with a post-quantum algorithm.

    Attributes:
        operation: what to do.
        algorithm: parameter set by the name of its standard, such as ML-KEM-768 or ML-DSA-65.
    """

    kind: Literal["cryptographic"] = "cryptographic"
    operation: Literal["generate_keypair", "kem_roundtrip", "sign_verify"]
    algorithm: Identifier
