"""Liveness and readiness."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from scheduler.api.services import ServicesDep
from shared.db import session, workers

router = APIRouter()


@router.get("/healthz")
async def healthz() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def readyz(found: ServicesDep) -> JSONResponse:
    """The database answers, and every queue that must be served has a live worker."""
    wanted = {name for name in found.settings.queues.split(",") if name}
    with session.borrowed(found.engine) as connection:
        missing = sorted(wanted - workers.live_queues(connection))
    return JSONResponse({"ready": not missing, "queues_without_worker": missing}, 503 if missing else 200)
