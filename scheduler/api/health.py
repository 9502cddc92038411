"""Liveness and readiness."""

from __future__ import annotations

import asyncio
from typing import Final

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from novacron._version import __version__
from novacron.answers.readiness import Readiness
from scheduler.api import problem_document, problems
from scheduler.api.models.health import Health
from scheduler.api.models.model import Declared
from scheduler.api.services import Services, ServicesDep
from shared.db import session, workers

router = APIRouter()

NOT_READY: Final[Declared] = {503: {"model": Readiness}}
ANSWER_S: Final = 5.0
"""Timeout of the database query, in seconds."""
_LIMITER: Final = CapacityLimiter(4)
"""A thread pool of its own: readiness must be reported even when all other threads wait for the database."""


@router.get("/healthz", response_model=Health)
async def healthz() -> JSONResponse:
    """Report liveness: the process answers."""
    return JSONResponse({"status": "ok", "version": __version__})


@router.get("/readyz", response_model=Readiness, responses=NOT_READY)
async def readyz(found: ServicesDep) -> Response:
    """Report readiness: the database accepts writes, and every required queue has a live worker."""
    wanted = {name for name in found.settings.queues.split(",") if name}
    try:
        async with asyncio.timeout(ANSWER_S):
            writes, live = await to_thread.run_sync(_asked, found, abandon_on_cancel=True, limiter=_LIMITER)
    except TimeoutError:
        return _away(f"the database did not answer within {ANSWER_S:g} s")
    if not writes:
        return _away("the database accepts no writes now")
    missing = sorted(wanted - live)
    readiness = {"ready": not missing, "queues_without_worker": missing}
    return (
        JSONResponse(readiness, 503, problem_document.retry_after(problem_document.RETRY_S))
        if missing
        else JSONResponse(readiness)
    )


def _asked(found: Services) -> tuple[bool, set[str]]:
    with session.borrowed(found.engine) as connection:
        return session.takes_writes(connection), set(workers.live_queues(connection))


def _away(detail: str) -> Response:
    return problems.problem(503, detail, headers=problem_document.retry_after(problem_document.RETRY_S))
