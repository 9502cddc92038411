"""What there is: backends, workers, queues, algorithms."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from novacron.answers.algorithm import Algorithms
from novacron.answers.worker import Workers
from scheduler.api.models.page import Backends
from scheduler.api.services import Reader, ServicesDep
from shared.crypto import libraries
from shared.db import session, workers
from shared.quantum.backends import BACKENDS
from shared.queues import QUEUES

router = APIRouter(prefix="/api")


@router.get("/quantum/backends", response_model=Backends)
def backends(found: ServicesDep, who: Reader) -> JSONResponse:
    """All backends, with why one cannot be used now."""
    with session.borrowed(found.engine) as connection:
        live = workers.live_queues(connection)
    return JSONResponse(
        {"backends": [backend.shown(live=backend.queue in live) for backend in BACKENDS.values()]}
    )


@router.get("/workers", response_model=Workers)
def worker_listing(found: ServicesDep, who: Reader) -> JSONResponse:
    """Workers and queues."""
    with session.borrowed(found.engine) as connection:
        listed, depths = workers.listing(connection), workers.queue_depths(connection)
    queues = []
    for name in QUEUES:
        mine = [worker for worker in listed if worker["queue"] == name and worker["healthy"]]
        counts = {state: depths.get(name, {}).get(state, 0) for state in ("ready", "queued", "running")}
        queues.append({"queue": name, **counts, "workers": len(mine), "slots": sum(w["slots"] for w in mine)})
    return JSONResponse({"workers": listed, "queues": queues})


@router.get("/crypto/algorithms", response_model=Algorithms)
def crypto_algorithms(who: Reader) -> JSONResponse:
    """The algorithms of cryptographic jobs, and which can be used here."""
    return JSONResponse(libraries.listing())
