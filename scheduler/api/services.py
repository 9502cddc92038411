"""Services that all routes use, one set per API process, and authentication."""

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
"""Seconds for which a revoked token may still be accepted."""
REMEMBERED = 10_000


class Bearers:
    """Bearers of tokens, cached: the database is queried at most once a second for each token."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[bytes, tuple[Bearer, float]] = {}

    async def of(self, token: str) -> Bearer:
        """Return the bearer of a token.

        Raises:
            Unauthorized: the token is unknown.
            TokenExpired: the token has expired.
            TokenRevoked: the token was revoked.
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
        """Drop a token from the cache, so that its next use queries the database."""
        self._known = {
            digest: known for digest, known in self._known.items() if known[0].token_id != token_id
        }


def _note(connection: session.Connection, who: Bearer) -> None:
    """Record the use of a token; a read-only database is no reason to refuse it."""
    try:
        tokens.used(connection, who.token_id)
    except errors.ReadOnlySqlTransaction:
        log.info("the last use of the token %s cannot be written down", who.token_id)


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all requests.

    Attributes:
        settings: the installation's settings.
        engine: database connections.
        submission: accepts jobs that need no parser process.
        intake: accepts submitted bodies of any size.
        watch: wakes requests that wait for jobs.
        bearers: authenticates tokens.
        requests: limits concurrent requests.
        bodies: limits the bytes of large bodies in memory.
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
    """Return the services of the application."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]


async def bearer_of(request: Request, found: Services) -> Bearer:
    """Return the caller.

    Raises:
        Unauthorized: the token is missing or unknown.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("send a token: Authorization: Bearer <token>")
    return await found.bearers.of(token.strip())


ROLES: dict[Callable[..., Any], str] = {}
"""Route dependency -> the role that it requires."""


async def _caller(request: Request, found: ServicesDep) -> Bearer:
    return await bearer_of(request, found)


Caller = Annotated[Bearer, Depends(_caller)]
"""The caller, for dependencies that run after the one that checks the role."""


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
    """Return the status of a job of the caller's tenant.

    Raises:
        NotFound: there is none; another tenant's job is reported in the same way.
    """
    with session.borrowed(found.engine) as connection:
        status = reading.status(connection, who.tenant_id, job_id)
    if status is None:
        raise NotFound(f"there is no job {job_id!r} in this tenant")
    return status
