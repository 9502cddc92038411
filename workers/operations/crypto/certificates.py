"""Issues and revokes certificates, and signs their status.

A task may run twice if its worker dies between the effect and its record: operations that create objects are
named after the task, so that a repetition finds them.
"""

from __future__ import annotations

import base64

from novacron.json_types import JsonObject
from novacron.specs import Spec
from novacron.specs.crypto.certificates import (
    GenerateCertificate,
    MakeCrl,
    OcspResponse,
    RevokeCertificate,
    SignCertificateRequest,
)
from shared.db.crypto.certificates import Statement, StoredCertificate
from workers.crypto.pki.authority import Authority
from workers.crypto.pki.register import Register
from workers.runtime.context import Context
from workers.runtime.outcome import Done


def _effect(context: Context[Spec]) -> str:
    return f"{context.origin.job_id}/{context.origin.task_id}"


def _document(authority: Authority, certificate: StoredCertificate) -> JsonObject:
    return certificate.document(authority.chain(certificate))


def generate(context: Context[GenerateCertificate]) -> Done:
    """Generate a key with its certificate, and its companion's if requested."""
    authority = Authority.of(context)
    first, *companions = authority.generate(context.spec, _effect(context))
    document = _document(authority, first)
    return Done({**document, "companion": _document(authority, companions[0])} if companions else document)


def sign_request(context: Context[SignCertificateRequest]) -> Done:
    """Issue a certificate for an external key."""
    authority = Authority.of(context)
    return Done(_document(authority, authority.sign_request(context.spec, _effect(context))))


def revoke(context: Context[RevokeCertificate]) -> Done:
    """Revoke a certificate."""
    authority = Authority.of(context)
    revoked = Register(authority).revoke(context.spec.certificate_id, context.spec.reason)
    return Done(_document(authority, revoked))


def make_crl(context: Context[MakeCrl]) -> Done:
    """Return a CA's revocation list."""
    return Done(_stated(Register.of(context).crl(context.spec.issuer)))


def ocsp_response(context: Context[OcspResponse]) -> Done:
    """Return a CA's OCSP response for one certificate."""
    spec = context.spec
    return Done(_stated(Register.of(context).ocsp_response(spec.certificate_id, spec.hash)))


def _stated(made: Statement) -> JsonObject:
    return {
        "der": base64.b64encode(made.der).decode(),
        "made_at": made.made_at.isoformat(),
        "next_update": made.next_update.isoformat(),
    }
