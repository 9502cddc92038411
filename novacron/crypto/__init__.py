"""Post-quantum envelopes and signatures, without a server.

Needs the extra `crypto`: `pip install novacron[crypto]`.
"""
# ruff: noqa: E402 - the library is looked for first, so that its absence is said in plain words

from novacron.errors import BadInput

try:
    from cryptography.hazmat.primitives import hpke as _hpke
    from cryptography.hazmat.primitives.asymmetric import mldsa as _mldsa
except ImportError:
    raise BadInput(
        "the library `cryptography`, version 50 or later, is needed for this",
        hint="pip install 'novacron[crypto]'",
    ) from None
del _hpke, _mldsa

from novacron.crypto.bundle import Digest, sign, verify_bundle
from novacron.crypto.envelope import Identity, Recipient, open_, rewrap, seal
from novacron.crypto.files import header_of, open_file, replace_header, rewrap_file, seal_file
from novacron.crypto.header import Header
from novacron.crypto.keys import PrivateKey, PublicKey
from novacron.crypto.results import verify_result
from novacron.crypto.signature import Signer

__all__ = [
    "Digest",
    "Header",
    "Identity",
    "PrivateKey",
    "PublicKey",
    "Recipient",
    "Signer",
    "header_of",
    "open_",
    "open_file",
    "replace_header",
    "rewrap",
    "rewrap_file",
    "seal",
    "seal_file",
    "sign",
    "verify_bundle",
    "verify_result",
]
