"""Local certificate handling: requests, parsing, and chain verification. Needs the extra `crypto`."""
# ruff: noqa: E402 - the libraries are looked for first, so that their absence is said in plain words

from novacron.errors import BadInput

try:
    from cryptography.hazmat.primitives.asymmetric import mldsa as _mldsa
    from OpenSSL import crypto as _openssl
except ImportError:
    raise BadInput(
        "the libraries `cryptography`, version 50 or later, and `pyOpenSSL` are needed for this",
        hint="pip install 'novacron[crypto]'",
    ) from None
del _mldsa, _openssl

from novacron.crypto.pki.chain import Verdict, verify
from novacron.crypto.pki.reading import certificates_of, crl_of, request_of
from novacron.crypto.pki.request import make_request

__all__ = ["Verdict", "certificates_of", "crl_of", "make_request", "request_of", "verify"]
