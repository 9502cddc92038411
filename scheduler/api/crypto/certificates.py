"""Certificates over HTTP. CA private keys exist only on the workers, which do all signing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.certificate import Certificate, IssuedCertificate
from novacron.errors import NotFound
from novacron.specs.crypto.certificates import (
    GenerateCertificate,
    RevokeCertificate,
    SignCertificateRequest,
)
from scheduler.api.body import Operation, operation
from scheduler.api.jobs import Key
from scheduler.api.models.page import CertificatePage
from scheduler.api.operations import performed
from scheduler.api.services import Caller, Reader, Services, ServicesDep, Submitter
from shared.db import session
from shared.db.crypto import certificates
from shared.db.crypto.certificates import StoredCertificate
from shared.db.session import Connection
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/crypto/certificates")


Issue = Annotated[
    Operation[GenerateCertificate | SignCertificateRequest],
    operation(GenerateCertificate, csr=SignCertificateRequest),
]
Revocation = Annotated[Operation[RevokeCertificate], operation(RevokeCertificate)]


@router.post("/generate", status_code=201, response_model=IssuedCertificate)
async def generate(found: ServicesDep, who: Submitter, wanted: Issue, key: Key = None) -> JSONResponse:
    """Issue a certificate for a new key of `algorithm`, or for the public key of the request in `csr`."""
    made = await performed(found, who, wanted.spec, key, wanted.digest)
    return JSONResponse(await run_in_threadpool(_issued, found, who, made["certificate_id"]), 201)


@router.get("", response_model=CertificatePage)
def listing(
    found: ServicesDep, who: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List the caller's certificates, newest first, without their chains."""
    with session.borrowed(found.engine) as connection:
        rows = certificates.listing(connection, who.tenant_id, limit=limit, after=after)
    following = rows[-1].certificate_id if len(rows) == limit else None
    return JSONResponse({"certificates": [row.document([]) for row in rows], "next": following})


def _own(certificate_id: str, found: ServicesDep, who: Caller) -> StoredCertificate:
    with session.borrowed(found.engine) as connection:
        return _stored(connection, who, certificate_id)


Own = Annotated[StoredCertificate, Depends(_own)]
"""The certificate named by the path."""


@router.get("/{certificate_id}", response_model=Certificate)
def read(certificate_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """Return a certificate with its chain."""
    with session.borrowed(found.engine) as connection:
        return JSONResponse(_document(connection, _stored(connection, who, certificate_id)))


@router.post("/{certificate_id}/revoke", response_model=Certificate)
async def revoke(
    certificate_id: str, found: ServicesDep, who: Submitter, stored: Own, wanted: Revocation, key: Key = None
) -> JSONResponse:
    """Revoke a certificate, for a `reason`."""
    await performed(found, who, wanted.spec, key, wanted.digest)
    return await run_in_threadpool(read, certificate_id, found, who)


def _stored(connection: Connection, who: Bearer, certificate_id: str) -> StoredCertificate:
    stored = certificates.find(connection, who.tenant_id, certificate_id)
    if stored is None:
        raise NotFound(f"there is no certificate {certificate_id!r} in this tenant")
    return stored


def _document(connection: Connection, stored: StoredCertificate) -> Certificate:
    return Certificate(stored.document(certificates.above(connection, stored)))


def _issued(found: Services, who: Bearer, certificate_id: str) -> IssuedCertificate:
    """Return an issued certificate with everything created along with it."""
    with session.borrowed(found.engine) as connection:
        issued = IssuedCertificate(_document(connection, _stored(connection, who, certificate_id)))
        for one in certificates.companions(connection, certificate_id):
            issued["companion"] = _document(connection, one)
    return issued
