"""Independent path validation by OpenSSL, which shares no code with the first implementation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from OpenSSL import crypto


def refusal(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    crls: Sequence[x509.CertificateRevocationList] = (),
) -> str | None:
    """Return OpenSSL's reason for refusing a chain, None if it accepts it; host names are not checked."""
    try:
        _context(leaf, intermediates, roots, at, crls).verify_certificate()
    except crypto.X509StoreContextError as error:
        return str(error)
    except crypto.Error:
        return "one of the certificates or lists is not encoded as it must be"
    return None


def _context(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    crls: Sequence[x509.CertificateRevocationList],
) -> crypto.X509StoreContext:
    store = crypto.X509Store()
    for root in roots:
        store.add_cert(crypto.X509.from_cryptography(root))
    for crl in crls:
        store.add_crl(crl)
    flags = crypto.X509StoreFlags
    checks = flags.CRL_CHECK | flags.CRL_CHECK_ALL if crls else 0
    # A trust anchor need not be self-signed; the first implementation has the same rule.
    store.set_flags(flags.X509_STRICT | flags.PARTIAL_CHAIN | checks)
    store.set_time(at)
    chain = [crypto.X509.from_cryptography(one) for one in intermediates]
    return crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf), chain)
