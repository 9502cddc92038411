"""Certificate status from CAs, without authentication: every relying party must be able to query it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Annotated, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from novacron.errors import NotFound
from novacron.specs import Spec
from novacron.specs.crypto.certificates import MakeCrl, OcspResponse
from scheduler.api.operations import performed
from scheduler.api.services import Services, ServicesDep
from shared.db import session
from shared.db.crypto import certificates
from shared.db.crypto.certificates import Statement, StoredCertificate
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/certificates")

LARGEST_QUESTION_BYTES = 4096
CRL_TYPE, PEM_TYPE, OCSP_TYPE = "application/pkix-crl", "application/x-pem-file", "application/ocsp-response"
Form = Annotated[Literal["der", "pem"], Query(alias="format")]


@router.get("/{certificate_id}/crl")
async def crl(certificate_id: str, found: ServicesDep, form: Form = "der") -> Response:
    """Return the newest certificate revocation list of a CA."""
    ca = await run_in_threadpool(_authority, found, certificate_id)
    newest = await run_in_threadpool(_newest_crl, found, ca)
    wanted = MakeCrl(issuer=certificate_id)
    der = newest.der if newest else await _signed(found, ca, wanted)
    if form == "der":
        return Response(der, media_type=CRL_TYPE)
    return Response(await run_in_threadpool(_pem, der), media_type=PEM_TYPE)


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)


@router.post("/{certificate_id}/ocsp")
async def ask(certificate_id: str, request: Request, found: ServicesDep) -> Response:
    """Answer an OCSP request about a certificate of a CA (RFC 6960, appendix A.1)."""
    return await _answer(found, certificate_id, await request.body())


@router.get("/{certificate_id}/ocsp/{question:path}")
async def ask_by_address(certificate_id: str, question: str, found: ServicesDep) -> Response:
    """Answer an OCSP request that the path contains as base64."""
    try:
        der = base64.b64decode(question, validate=True)
    except ValueError:
        return _refused(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    return await _answer(found, certificate_id, der)


async def _answer(found: Services, ca_id: str, question: bytes) -> Response:
    ca = await run_in_threadpool(_authority, found, ca_id)
    try:
        asked = ocsp.load_der_ocsp_request(question[: LARGEST_QUESTION_BYTES + 1])
        hash_name = asked.hash_algorithm.name
    except (ValueError, NotImplementedError, x509.DuplicateExtension):
        return _refused(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    about = await run_in_threadpool(_asked_about, found, ca, asked)
    if about is None:
        return _refused(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    certificate, kept = about
    if kept and kept.fresh(datetime.now(UTC)):
        return Response(kept.der, media_type=OCSP_TYPE)
    wanted = OcspResponse.model_validate({"certificate_id": certificate.certificate_id, "hash": hash_name})
    return Response(await _signed(found, ca, wanted), media_type=OCSP_TYPE)


def _refused(status: ocsp.OCSPResponseStatus) -> Response:
    """Return an unsigned OCSP error, which costs no signature (RFC 5019, section 2.2.3)."""
    made = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return Response(made.public_bytes(Encoding.DER), media_type=OCSP_TYPE)


def _asked_about(
    found: Services, ca: StoredCertificate, asked: ocsp.OCSPRequest
) -> tuple[StoredCertificate, Statement | None] | None:
    """Return the certificate a request is about and its stored response; None if the CA did not issue it."""
    with session.borrowed(found.engine) as connection:
        about = certificates.by_serial(connection, ca.certificate_id, asked.serial_number)
        if about is None or not _names(asked, about, ca):
            return None
        name = asked.hash_algorithm.name
        return about, certificates.response(connection, about.certificate_id, name)


def _names(asked: ocsp.OCSPRequest, about: StoredCertificate, ca: StoredCertificate) -> bool:
    """Return whether a request's CertID names this issuer."""
    hashed = asked.hash_algorithm
    right = ocsp.OCSPRequestBuilder().add_certificate(about.x509, ca.x509, hashed).build()
    return (right.issuer_name_hash, right.issuer_key_hash) == (asked.issuer_name_hash, asked.issuer_key_hash)


def _authority(found: Services, certificate_id: str) -> StoredCertificate:
    with session.borrowed(found.engine) as connection:
        ca = certificates.authority(connection, certificate_id)
    if ca is None:
        raise NotFound(f"there is no CA {certificate_id!r}")
    return ca


def _newest_crl(found: Services, ca: StoredCertificate) -> Statement | None:
    with session.borrowed(found.engine) as connection:
        newest = certificates.crl(connection, ca.certificate_id)
    return newest[1] if newest and newest[1].fresh(datetime.now(UTC)) else None


async def _signed(found: Services, ca: StoredCertificate, operation: Spec) -> bytes:
    """Have the CA sign a response on behalf of its tenant, whoever sent the request."""
    public = Bearer(ca.tenant_id, "", "anybody", "submit")
    return base64.b64decode((await performed(found, public, operation))["der"])
