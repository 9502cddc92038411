"""Certificate renewal over HTTP: done by a job, since only workers know targets and reach their servers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from novacron.specs.crypto.migration import RenewCertificates
from scheduler.api.body import Operation, operation
from scheduler.api.jobs import Key
from scheduler.api.models.job import Job
from scheduler.api.operations import begun
from scheduler.api.services import Admin, ServicesDep

router = APIRouter(prefix="/api/crypto/certificates/renew")

Renewal = Annotated[Operation[RenewCertificates], operation(RenewCertificates)]


@router.post("", status_code=202, response_model=Job)
async def renew(found: ServicesDep, who: Admin, wanted: Renewal, key: Key = None) -> JSONResponse:
    """Submit the job that renews the certificates that are due."""
    return await begun(found, who, wanted, key)
