"""Bills of materials over HTTP: computed here, at once; nothing is kept."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from novacron.errors import BadInput
from novacron.migration import Inventory
from novacron.specs.refusal import bad_input
from scheduler.api.jobs import body_of
from scheduler.api.services import Reader

router = APIRouter(prefix="/api/crypto/cbom")


async def _object(request: Request) -> dict[str, Any]:
    body = await body_of(request)
    if not isinstance(body, dict):
        raise BadInput("the body must be a JSON object")
    return body


@router.post("/export")
async def exported(request: Request, who: Reader) -> JSONResponse:
    """An inventory as CycloneDX 1.6."""
    return JSONResponse(await run_in_threadpool(_export, await _object(request)))


def _export(body: dict[str, Any]) -> dict[str, Any]:
    from scheduler.cbom import writing  # the validator takes half a second to import

    try:
        inventory = Inventory.model_validate(body)
    except ValidationError as error:
        raise bad_input(error, Inventory) from None
    return writing.write(inventory)


@router.post("/import")
async def imported(request: Request, who: Reader) -> JSONResponse:
    """CycloneDX 1.6 as an inventory."""
    return JSONResponse(await run_in_threadpool(_import, await _object(request)))


def _import(body: dict[str, Any]) -> dict[str, Any]:
    from scheduler.cbom import reading

    return reading.read(body).model_dump(mode="json")
