"""What the routes stand on: one set an API process, and who is asking."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine

from novacron.errors import Forbidden, NotFound, Unauthorized
from scheduler.api.intake import Intake
from scheduler.api.traffic import Shares, held
from scheduler.api.watch import Watch
from scheduler.submission import Submission
from shared.db import reading, session, tokens
from shared.db.tokens import Bearer
from shared.settings import Settings

REMEMBER_S = 1.0
"""How long a token that was taken back may still be good."""
REMEMBERED = 10_000


class Bearers:
    """Who holds which token, asked of the database once a second and token at most."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[bytes, tuple[Bearer, float]] = {}

    async def of(self, token: str) -> Bearer:
        """Who holds a token.

        Raises:
            Unauthorized: nobody, or no longer.
        """
        now, digest = time.monotonic(), tokens.digest(token)
        who, until = self._known.get(digest, (None, now))
        return who if who and now < until else await run_in_threadpool(self._ask, token, digest, now)

    def _ask(self, token: str, digest: bytes, now: float) -> Bearer:
        with session.borrowed(self._engine) as connection:
            found = tokens.bearer_for(connection, token)
        if found is None:
            raise Unauthorized("the token is unknown or has expired; ask an admin for a new one")
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[digest] = (found[0], now + min(REMEMBER_S, found[1]))
        return found[0]


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all requests.

    Attributes:
        settings: of the installation.
        engine: connections to the database.
        submission: takes jobs that need no parser process.
        intake: takes what is posted, of any size.
        watch: wakes those who wait for jobs.
        bearers: who holds which token.
        requests: how many requests may be under way.
        bodies: bytes of large bodies that may be in memory.
    """

    settings: Settings
    engine: Engine
    submission: Submission
    intake: Intake
    watch: Watch
    bearers: Bearers
    requests: Shares
    bodies: Shares


async def services(request: Request) -> Services:
    """The services of the application."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]


async def bearer_of(request: Request, found: Services) -> Bearer:
    """Who asks.

    Raises:
        Unauthorized: there is no token, or an unknown one.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send a token: Authorization: Bearer <token>")
    return await found.bearers.of(token.strip())


ROLES: dict[Callable[..., Any], str] = {}
"""The role that each dependency of a route asks for."""


def _needing(role: str) -> Callable[[Request, Services], Awaitable[Bearer]]:
    async def check(request: Request, found: ServicesDep) -> Bearer:
        who = await bearer_of(request, found)
        held(request.scope).take(found.requests, who.tenant_id)
        if not who.may(role):
            raise Forbidden(f"this needs the role {role}, and the token {who.name!r} has {who.role}")
        return who

    ROLES[check] = role
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
