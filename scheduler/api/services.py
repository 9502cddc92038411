"""What the routes stand on: one set an API process, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from novacron.errors import Forbidden, NotFound, Unauthorized
from scheduler.api.watch import Watch
from scheduler.submission import Submission
from shared.db import reading, session, tokens
from shared.db.tokens import Bearer
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all requests."""

    settings: Settings
    engine: Engine
    submission: Submission
    watch: Watch


async def services(request: Request) -> Services:
    """The services of the application."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]


def _bearer(request: Request, found: Services) -> Bearer:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send a token: Authorization: Bearer <token>")
    with session.borrowed(found.engine) as connection:
        who = tokens.bearer(connection, token.strip())
    if who is None:
        raise Unauthorized("the token is unknown or has expired; ask an admin for a new one")
    return who


def _needing(role: str) -> Callable[[Request, Services], Bearer]:
    def check(request: Request, found: ServicesDep) -> Bearer:
        who = _bearer(request, found)
        if not who.may(role):
            raise Forbidden(f"this needs the role {role}, and the token {who.name!r} has {who.role}")
        return who

    return check


Reader = Annotated[Bearer, Depends(_needing("read"))]
Submitter = Annotated[Bearer, Depends(_needing("submit"))]
Admin = Annotated[Bearer, Depends(_needing("admin"))]


def own(found: Services, who: Bearer, job_id: str) -> str:
    """The status of a job of the caller's tenant.

    Raises:
        NotFound: there is none; somebody else's is not told apart.
    """
    with session.borrowed(found.engine) as connection:
        status = reading.status(connection, who.tenant_id, job_id)
    if status is None:
        raise NotFound(f"there is no job {job_id!r} of yours")
    return status
