"""What there is: backends, workers, queues, algorithms; and tokens."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from novacron.specs.base import YEAR_S
from novacron.specs.scalars import Label
from scheduler.api.services import Admin, Reader, ServicesDep
from shared import providers
from shared.backends import BACKENDS
from shared.db import session, tokens, workers
from shared.queues import QUEUES

router = APIRouter(prefix="/api")


Name = Annotated[Label, Field(max_length=100)]


class NewToken(BaseModel):
    """A token to be made; the tenant is the caller's unless given."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    role: Literal["read", "submit", "admin"]
    tenant: Name | None = None
    expires_s: float | None = Field(default=None, gt=0, le=100 * YEAR_S)


@router.get("/quantum/backends")
def backends(found: ServicesDep, who: Reader) -> JSONResponse:
    """All backends, with why one cannot be used now."""
    with session.borrowed(found.engine) as connection:
        live = workers.live_queues(connection)
    return JSONResponse(
        {"backends": [backend.shown(live=backend.queue in live) for backend in BACKENDS.values()]}
    )


@router.get("/workers")
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


@router.post("/tokens", status_code=201)
def create_token(wanted: NewToken, found: ServicesDep, who: Admin) -> JSONResponse:
    """Make a token; it is shown this once."""
    tenant = wanted.tenant or who.tenant
    with session.borrowed(found.engine) as connection:
        token = tokens.create(
            connection, name=wanted.name, role=wanted.role, tenant=tenant, expires_s=wanted.expires_s
        )
    return JSONResponse({"token": token, "name": wanted.name, "role": wanted.role, "tenant": tenant}, 201)


@router.get("/crypto/algorithms")
def crypto_algorithms(who: Reader) -> JSONResponse:
    """The algorithms of cryptographic jobs, and which can be used here."""
    return JSONResponse(providers.listing())
