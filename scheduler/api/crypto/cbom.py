"""Bills of materials over HTTP: computed in a parser process; nothing is kept."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from scheduler.api.services import Reader, ServicesDep

router = APIRouter(prefix="/api/crypto/cbom")


@router.post("/export")
async def exported(request: Request, found: ServicesDep, who: Reader) -> Response:
    """An inventory as CycloneDX 1.7."""
    return await found.intake.answer("export_cbom", await found.intake.body(request, who), who)


@router.post("/import")
async def imported(request: Request, found: ServicesDep, who: Reader) -> Response:
    """CycloneDX 1.6 or 1.7 as an inventory."""
    return await found.intake.answer("import_cbom", await found.intake.body(request, who), who)
