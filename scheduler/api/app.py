"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scheduler.api import (
    audit,
    catalogue,
    cbom,
    certificates,
    circuits,
    envelopes,
    events,
    execution,
    health,
    inventory,
    jobs,
    keys,
    migration,
    problems,
    renewal,
    revocation,
)
from scheduler.api.services import Bearers, Services
from scheduler.api.watch import Watch
from scheduler.submission import Submission
from shared.db import session
from shared.settings import Settings

LARGEST_BODY_BYTES = 32 << 20
POOL = 16


class Guard:
    """Refuses bodies above the limit, by their declared or their actual length, and NUL in addresses.

    PostgreSQL stores no NUL, so nothing that is looked up by an address can hold one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            await problems.problem(404, "no address holds a NUL character")(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > LARGEST_BODY_BYTES:
            await _too_large()(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY_BYTES:
                raise HTTPException(413, f"the body is larger than {LARGEST_BODY_BYTES:,} bytes")
            return message

        await self._app(scope, counted, send)


def _too_large() -> ASGIApp:
    return problems.problem(413, f"the body is larger than {LARGEST_BODY_BYTES:,} bytes")


def create(settings: Settings) -> FastAPI:
    """The application, with its connections opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = session.create(settings.database_url, pool_size=POOL)
        submission, watch = Submission(settings, engine), Watch(settings.database_url)
        made = Services(settings, engine, submission, watch, Bearers(engine))
        made.watch.start()
        app.state.services = made
        yield
        made.watch.stop()
        made.submission.close()
        engine.dispose()

    app = FastAPI(title="NovaCron", version="0.1.0", lifespan=lifespan)
    app.add_middleware(Guard)
    problems.install(app)
    for part in (
        jobs,
        events,
        catalogue,
        health,
        keys,
        audit,
        envelopes,
        certificates,
        circuits,
        revocation,
        inventory,
        cbom,
        migration,
        execution,
        renewal,
    ):
        app.include_router(part.router)
    return app
