"""Explanations of refused paths that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from novacron.crypto.pki.names import text_of
from novacron.crypto.pki.strength import broken_hash

LONGEST = 10
MOMENT = "%Y-%m-%d %H:%M:%S UTC"

Extension = TypeVar("Extension", bound=x509.ExtensionType)


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def path_of(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the path from a certificate upwards, as far as issuers' signatures verify."""
    path = [leaf]
    while path[-1].issuer != path[-1].subject and len(path) < LONGEST:
        above = next((one for one in others if one not in path and _issued_by(path[-1], one)), None)
        if above is None:
            break
        path.append(above)
    return path


def diagnose(path: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime) -> list[str]:
    """Return what is wrong with a refused path; empty where only the verifier can tell."""
    return [*_dates(path, at), *_authorities(path), *_end(path[-1], roots)]


def _dates(path: Sequence[x509.Certificate], at: datetime) -> Iterator[str]:
    for one in path:
        if at < one.not_valid_before_utc:
            yield f"{text_of(one.subject)} is not valid before {one.not_valid_before_utc:{MOMENT}}"
        if at > one.not_valid_after_utc:
            yield f"{text_of(one.subject)} expired on {one.not_valid_after_utc:{MOMENT}}"


def _authorities(path: Sequence[x509.Certificate]) -> Iterator[str]:
    for below, one in enumerate(path[1:]):
        constraints = _extension(one, x509.BasicConstraints)
        usage = _extension(one, x509.KeyUsage)
        if constraints is None or not constraints.ca:
            yield f"{text_of(one.subject)} is not a CA, but issued {text_of(path[below].subject)}"
        elif constraints.path_length is not None and below > constraints.path_length:
            yield f"{text_of(one.subject)} allows {constraints.path_length} CAs below it, there are {below}"
        if usage is not None and not usage.key_cert_sign:
            yield f"the key of {text_of(one.subject)} is not for signing certificates"


def _end(last: x509.Certificate, roots: Sequence[x509.Certificate]) -> Iterator[str]:
    if last in roots:
        return
    if last.issuer == last.subject:
        yield f"{text_of(last.subject)} is signed by itself and not a trusted root"
    elif any(one.subject == last.issuer for one in roots):
        yield f"{text_of(last.subject)} is not signed by the trusted {text_of(last.issuer)}"
    else:
        yield f"the issuer of {text_of(last.subject)}, {text_of(last.issuer)}, is neither given nor trusted"


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def revoked(
    path: Sequence[x509.Certificate], at: datetime, crls: Sequence[x509.CertificateRevocationList]
) -> list[str]:
    """Return which certificates of a path are revoked, or have no fresh revocation list."""
    return [reason for one, issuer in pairwise(path) if (reason := _revocation(one, issuer, at, crls))]


def _revocation(
    one: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
    crls: Sequence[x509.CertificateRevocationList],
) -> str | None:
    fresh = [crl for crl in crls if _covers(crl, issuer, at)]
    if not fresh:
        broken = next(filter(None, (broken_hash(crl) for crl in crls if crl.issuer == issuer.subject)), None)
        if broken:
            return f"the revocation list of {text_of(issuer.subject)} is signed with {broken}"
        return f"no fresh revocation list of {text_of(issuer.subject)} is given"
    newest = max(fresh, key=lambda crl: crl.last_update_utc)
    entry = newest.get_revoked_certificate_by_serial_number(one.serial_number)
    if entry is None or entry.revocation_date_utc > at:
        return None
    return f"{text_of(one.subject)} was revoked on {entry.revocation_date_utc:{MOMENT}}"


def _covers(crl: x509.CertificateRevocationList, issuer: x509.Certificate, at: datetime) -> bool:
    if crl.issuer != issuer.subject or crl.next_update_utc is None or broken_hash(crl):
        return False
    try:
        signed = crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False
    return signed and crl.last_update_utc <= at <= crl.next_update_utc
