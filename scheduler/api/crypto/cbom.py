"""Bills of materials over HTTP: converted in a parser process; nothing is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from novacron.migration import Inventory
from scheduler.api.models.migration import AnyBill, BillOfMaterials
from scheduler.api.posted import Posted, asked

router = APIRouter(prefix="/api/crypto/cbom")


@router.post("/export", response_model=BillOfMaterials)
async def exported(posted: Annotated[Posted, asked(Inventory)]) -> Response:
    """Convert an inventory to CycloneDX 1.7."""
    return await posted.answer("export_cbom")


@router.post("/import", response_model=Inventory)
async def imported(posted: Annotated[Posted, asked(AnyBill)]) -> Response:
    """Convert a CycloneDX 1.6 or 1.7 document to an inventory."""
    return await posted.answer("import_cbom")
