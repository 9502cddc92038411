"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from novacron._version import __version__
from scheduler.api import (
    catalogue,
    circuits,
    costs,
    events,
    health,
    jobs,
    logs,
    problems,
    sessions,
    sweeps,
    tasks,
    tokens,
)
from scheduler.api.crypto import (
    audit,
    cbom,
    certificates,
    envelopes,
    execution,
    inventory,
    keys,
    migration,
    renewal,
    revocation,
)
from scheduler.api.description import Application
from scheduler.api.guard import Guard
from scheduler.api.intake import Intake
from scheduler.api.parsers.pool import Pool
from scheduler.api.services import Bearers, Services
from scheduler.api.traced import Traced
from scheduler.api.traffic import BODIES_BYTES, Shares
from scheduler.api.watch import Watch
from scheduler.planning.submission import Submission
from shared.db import session
from shared.metrics.tally import TALLY
from shared.settings import Settings
from shared.traces.tracing import Tracing

POOL = 16


def create(settings: Settings, tracing: Tracing | None = None) -> FastAPI:
    """Return the application; its connections open at startup and close at shutdown.

    Args:
        settings: of the installation.
        tracing: exports the spans of submissions; None where tracing is off.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = session.create(settings.database_url, pool_size=POOL)
        TALLY.add("novacron_events_stream_clients", 0.0)
        TALLY.live("novacron_db_pool_in_use", partial(session.in_use, engine))
        submission, watch, pool = Submission(settings, engine), Watch(settings.database_url), Pool(settings)
        app.state.services = Services(
            settings, engine, submission, Intake(submission, pool), watch, Bearers(engine),
            Shares(settings.max_connections, "requests of this tenant"), Shares(BODIES_BYTES, "large bodies"),
        )  # fmt: skip
        watch.start()
        pool.start()
        yield
        await pool.close()
        watch.stop()
        engine.dispose()

    parts = (
        jobs, sweeps, sessions, events, tasks, logs, costs, catalogue, health, keys, audit, envelopes,
        certificates, circuits, revocation, inventory, cbom, migration, execution, renewal, tokens,
    )  # fmt: skip
    # FastAPI's interactive documentation pages are off: they load scripts from other hosts.
    app = Application(
        [part.router for part in parts],
        title="NovaCron", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
    )  # fmt: skip
    if tracing is not None:
        app.add_middleware(Traced, tracing=tracing)
    app.add_middleware(Guard)
    problems.install(app)
    return app
