"""Catalogue endpoints: backends, workers, queues, algorithms."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from novacron.answers.algorithm import Algorithms
from novacron.answers.worker import Workers
from scheduler.api.models.page import Backends
from scheduler.api.services import Reader, ServicesDep
from shared.crypto import libraries, permitted
from shared.db import observation, session, workers
from shared.quantum.backends import BACKENDS
from shared.queues import QUEUES

router = APIRouter(prefix="/api")


@router.get("/quantum/backends", response_model=Backends)
def backends(found: ServicesDep, who: Reader) -> JSONResponse:
    """List all backends; an unavailable one carries the reason."""
    with session.borrowed(found.engine) as connection:
        live = workers.live_queues(connection)
    built_in = [backend.shown(live=backend.queue in live) for backend in BACKENDS.values()]
    named = [backend.shown(live) for backend in found.submission.named_backends.values()]
    return JSONResponse({"backends": built_in + named})


@router.get("/workers", response_model=Workers)
def worker_listing(found: ServicesDep, who: Reader) -> JSONResponse:
    """List workers and queues."""
    with session.borrowed(found.engine) as connection:
        listed, loads = workers.listing(connection), observation.queues(connection, QUEUES)
    queues = []
    for load in loads:
        mine = [worker for worker in listed if worker["queue"] == load.queue and worker["healthy"]]
        counts = {"ready": load.ready + load.delayed, "queued": load.queued, "running": load.running}
        slots = sum(worker["slots"] for worker in mine)
        queues.append({"queue": load.queue, **counts, "workers": len(mine), "slots": slots})
    return JSONResponse({"workers": listed, "queues": queues})


@router.get("/crypto/algorithms", response_model=Algorithms)
def crypto_algorithms(found: ServicesDep, who: Reader) -> JSONResponse:
    """List the algorithms of cryptographic jobs, which are available here, and which new keys may use."""
    return JSONResponse(libraries.listing(permitted.load(found.settings.pq_crypto_file)))
