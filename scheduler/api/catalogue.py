"""Catalogue endpoints: backends, error-correcting codes, workers, queues, algorithms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from novacron import codes
from novacron.answers.algorithm import Algorithms
from novacron.answers.backend import Backend
from novacron.answers.code import CodeDescription
from novacron.answers.worker import Workers
from novacron.errors import NotFound
from scheduler.api import backend_listing
from scheduler.api.models.page import Backends
from scheduler.api.services import Reader, ServicesDep
from shared.crypto import libraries, permitted
from shared.db import observation, session, workers
from shared.queues import QUEUES

router = APIRouter(prefix="/api")


@router.get("/quantum/backends", response_model=Backends)
def backends(found: ServicesDep, who: Reader) -> JSONResponse:
    """List all backends and simulated devices; an unavailable one carries the reason."""
    with session.borrowed(found.engine) as connection:
        known = backend_listing.queues(connection, found.submission.stale_s)
    return JSONResponse({"backends": backend_listing.rows(known, found.submission.named_backends)})


@router.get("/quantum/backends/{name}", response_model=Backend)
def backend(name: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """Return a backend or a device, with the figures of each qubit and gate of its calibration.

    Raises:
        NotFound: there is none of this name.
    """
    with session.borrowed(found.engine) as connection:
        known = backend_listing.queues(connection, found.submission.stale_s)
    return JSONResponse(backend_listing.row(known, found.submission.named_backends, name))


@router.get("/quantum/codes/{name}", response_model=CodeDescription)
def error_correcting_code(
    name: str, who: Reader, distance: Annotated[int | None, Query()] = None
) -> JSONResponse:
    """Return a code of a family, by default that of the smallest distance.

    Raises:
        NotFound: there is no family of this name.
        BadInput: it has no code of this distance.
    """
    if name not in codes.CODES:
        raise NotFound(f"there is no code {name!r}, but {', '.join(codes.CODES)}")
    return JSONResponse(codes.code(name, distance).document)


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
