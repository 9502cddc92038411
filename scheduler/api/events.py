"""The events of a job as server-sent events, from any point, without a gap or a repeat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from scheduler.api.services import Reader, Services, ServicesDep, own
from scheduler.api.watch import SWEEP_S, changed
from shared.db import events, session
from shared.states import ENDED

router = APIRouter(prefix="/api/quantum")

KEEP_ALIVE_S = 15.0
BATCH = 500
MOST = 2**53


def _read(found: Services, job_id: str, skip: int) -> list[tuple[str, dict[str, Any]]]:
    with session.borrowed(found.engine) as connection:
        return events.settled(connection, job_id, skip=skip, limit=BATCH)


def _frame(number: int, kind: str, body: dict[str, Any]) -> str:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(body)}\n\n"


async def _stream(found: Services, job_id: str, first: int, follow: bool) -> AsyncIterator[str]:
    shown, silent_s = first - 1, 0.0
    with found.watch.waiter(job_id) as moved:
        while True:
            batch = await run_in_threadpool(_read, found, job_id, shown)
            for kind, body in batch:
                shown += 1
                yield _frame(shown, kind, body)
                if kind == "job" and body.get("status") in ENDED:
                    return
            if len(batch) == BATCH:
                continue
            if not follow:
                return
            silent_s = 0.0 if batch else silent_s + SWEEP_S
            if silent_s >= KEEP_ALIVE_S:
                silent_s = 0.0
                yield ": keep-alive\n\n"
            await changed(moved, SWEEP_S)
            await asyncio.sleep(0)


@router.get("/jobs/{job_id}/events")
async def stream(
    job_id: str, found: ServicesDep, who: Reader,
    start: Annotated[int, Query(alias="from", ge=1, le=MOST)] = 1, follow: bool = True,
    last: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, lt=MOST)] = None,
) -> StreamingResponse:  # fmt: skip
    """Every event of the job from number `from` (or after `Last-Event-ID`), as they come."""
    await run_in_threadpool(own, found, who, job_id)
    first = start if last is None else last + 1
    return StreamingResponse(
        _stream(found, job_id, first, follow),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )
