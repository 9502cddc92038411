"""Inventories over HTTP: created by a job, since only workers access files and servers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from novacron.specs.crypto.inventory import MakeInventory
from scheduler.api.body import Operation, operation
from scheduler.api.jobs import Key
from scheduler.api.models.job import Job
from scheduler.api.operations import begun
from scheduler.api.services import Admin, ServicesDep

router = APIRouter(prefix="/api/crypto/inventory")

NewInventory = Annotated[Operation[MakeInventory], operation(MakeInventory)]


@router.post("", status_code=202, response_model=Job)
async def new_inventory(
    found: ServicesDep, who: Admin, wanted: NewInventory, key: Key = None
) -> JSONResponse:
    """Submit the job that discovers cryptographic assets; its result holds the inventory."""
    return await begun(found, who, wanted, key)
