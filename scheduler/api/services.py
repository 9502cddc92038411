"""What the routes stand on: one set an API process, and who is asking."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from novacron.errors import Forbidden, NotFound, Unauthorized
from scheduler.api.intake import Intake
from scheduler.api.traffic import Shares, held
from scheduler.api.watch import Watch
from scheduler.planning.submission import Submission
from shared.db import errors, reading, session, tokens
from shared.db.tokens import Bearer
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.db.session import Engine


log = logging.getLogger("novacron.api")

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
            Unauthorized: nobody.
            TokenExpired: nobody any more.
            TokenRevoked: nobody any more.
        """
        now, digest = time.monotonic(), tokens.digest(token)
        who, until = self._known.get(digest, (None, now))
        return who if who and now < until else await run_in_threadpool(self._ask, token, digest, now)

    def _ask(self, token: str, digest: bytes, now: float) -> Bearer:
        with session.borrowed(self._engine) as connection:
            found = tokens.held(connection, token)
            if found is None:
                raise Unauthorized("the token is unknown; ask an admin for one")
            if found.unnoted:
                _note(connection, found.bearer)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[digest] = (found.bearer, now + min(REMEMBER_S, found.left_s))
        return found.bearer

    def forget(self, token_id: str) -> None:
        """Ask the database again for a token at its next use."""
        self._known = {
            digest: known for digest, known in self._known.items() if known[0].token_id != token_id
        }


def _note(connection: session.Connection, who: Bearer) -> None:
    """Write down that a token is used; a database that takes no writes is no reason to refuse it."""
    try:
        tokens.used(connection, who.token_id)
    except errors.ReadOnlySqlTransaction:
        log.info("the last use of the token %s cannot be written down", who.token_id)


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


async def _caller(request: Request, found: ServicesDep) -> Bearer:
    return await bearer_of(request, found)


Caller = Annotated[Bearer, Depends(_caller)]
"""Whoever asks, for dependencies that come after the one that checks the role."""


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
Operator = Annotated[Bearer, Depends(_needing("operator"))]


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
