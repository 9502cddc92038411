"""A job's events as server-sent events, resumable from any ordinal, without gaps or duplicates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from novacron.json_types import JsonObject
from scheduler.api.models.model import Declared
from scheduler.api.services import Reader, Services, ServicesDep, own
from scheduler.api.watch import SWEEP_S, changed
from shared.db import events, session
from shared.db.events import Page
from shared.db.tokens import Bearer
from shared.metrics.tally import TALLY
from shared.states import ENDED

router = APIRouter(prefix="/api/quantum")

KEEP_ALIVE_S = 15.0
BATCH = 500
MOST = 2**53
NO_MORE: Final[Declared] = {204: {"description": "The job has no more events."}}


def _read(found: Services, job_id: str, after: int) -> Page:
    with session.borrowed(found.engine) as connection:
        return events.read(connection, job_id, after=after, limit=BATCH)


def _over(found: Services, who: Bearer, job_id: str, after: int) -> bool:
    """Return whether the caller's job has ended and no event follows ordinal `after`."""
    own(found, who, job_id)
    with session.borrowed(found.engine) as connection:
        return events.over(connection, job_id, after)


def _frame(ordinal: int, kind: str, body: JsonObject) -> str:
    return f"id: {ordinal}\nevent: {kind}\ndata: {json.dumps(body)}\n\n"


async def _stream(found: Services, job_id: str, shown: int, follow: bool) -> AsyncIterator[str]:
    """Yield the events with ordinals above `shown`; the ordinal is the event id from which clients resume."""
    silent_s = 0.0
    with found.watch.waiter(job_id) as moved, TALLY.holding("novacron_events_stream_clients"):
        while True:
            page = await run_in_threadpool(_read, found, job_id, shown)
            for ordinal, kind, body in page.events:
                shown = ordinal
                yield _frame(ordinal, kind, body)
                if kind == "job" and body.get("status") in ENDED:
                    return
            if len(page.events) == BATCH:
                continue
            if page.ended or not follow:
                return
            silent_s = 0.0 if page.events else silent_s + SWEEP_S
            if silent_s >= KEEP_ALIVE_S:
                silent_s = 0.0
                yield ": keep-alive\n\n"
            await changed(moved, SWEEP_S)
            await asyncio.sleep(0)


@router.get("/jobs/{job_id}/events", responses=NO_MORE)
async def stream(
    job_id: str, found: ServicesDep, who: Reader,
    start: Annotated[int, Query(alias="from", ge=1, le=MOST)] = 1, follow: bool = True,
    last: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, lt=MOST)] = None,
) -> Response:  # fmt: skip
    """Stream the job's events from number `from` (or after `Last-Event-ID`) as they occur.

    Returns 204 when the job has ended and no further events exist: an `EventSource` does not reconnect then.
    """
    shown = start - 1 if last is None else last
    if await run_in_threadpool(_over, found, who, job_id, shown) and follow:
        return Response(status_code=204)
    return StreamingResponse(
        _stream(found, job_id, shown, follow),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )
