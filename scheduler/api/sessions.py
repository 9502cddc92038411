"""Sessions over HTTP: open, list, read, end; their calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from novacron.answers.session import Session
from novacron.errors import NotFound
from novacron.json_types import JsonObject
from scheduler.api.body import record
from scheduler.api.jobs import Key
from scheduler.api.models.session import CallPage, NewSession, SessionPage
from scheduler.api.services import Reader, Services, ServicesDep, Submitter
from shared import content
from shared.db import keyed_requests, reading, session, sessions
from shared.db.tokens import Bearer

router = APIRouter(prefix="/api/quantum")

Opened = Annotated[NewSession, record(NewSession)]


@router.post("/sessions", status_code=201, response_model=Session)
async def open_(found: ServicesDep, who: Submitter, wanted: Opened, key: Key = None) -> JSONResponse:
    """Open a session; jobs that name it are its calls."""
    return JSONResponse(await run_in_threadpool(_opened, found, who, wanted, key), 201)


def _opened(found: Services, who: Bearer, wanted: NewSession, key: str | None) -> JsonObject:
    session_id = sessions.new_id()
    asked = content.digest(["session", wanted.model_dump(mode="json")])
    with session.borrowed(found.engine) as connection, connection.transaction():
        if known := keyed_requests.keep(connection, who, key, asked, session_id):
            session_id = known
        else:
            sessions.open_(connection, session_id, who, wanted.name, wanted.idle_s)
        made = sessions.document(connection, who.tenant_id, session_id)
    assert made is not None
    return made


@router.get("/sessions", response_model=SessionPage)
def listing(
    found: ServicesDep, who: Reader, name: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, after: str | None = None,
) -> JSONResponse:  # fmt: skip
    """List the caller's sessions, newest first."""
    pattern = reading.like(name) if name else None
    with session.borrowed(found.engine) as connection:
        rows = sessions.listing(connection, who.tenant_id, name=pattern, limit=limit, after=after)
    following = rows[-1]["session_id"] if len(rows) == limit else None
    return JSONResponse({"sessions": rows, "next": following})


@router.get("/sessions/{session_id}", response_model=Session)
def read(session_id: str, found: ServicesDep, who: Reader) -> JSONResponse:
    """Return a session with the numbers of its calls."""
    with session.borrowed(found.engine) as connection:
        known = sessions.document(connection, who.tenant_id, session_id)
    if known is None:
        raise NotFound(f"there is no session {session_id!r} in this tenant")
    return JSONResponse(known)


@router.get("/sessions/{session_id}/calls", response_model=CallPage)
def calls(
    session_id: str, found: ServicesDep, who: Reader, limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    after: Annotated[int, Query(ge=-1, lt=2**31)] = -1,
) -> JSONResponse:  # fmt: skip
    """List the calls of a session in order, with the first value of each."""
    with session.borrowed(found.engine) as connection:
        if sessions.ended(connection, who.tenant_id, session_id) is None:
            raise NotFound(f"there is no session {session_id!r} in this tenant")
        rows = sessions.calls(connection, who.tenant_id, session_id, limit=limit, after=after)
    return JSONResponse({"calls": rows, "next": rows[-1]["position"] if len(rows) == limit else None})


@router.post("/sessions/{session_id}/end", response_model=Session)
def end(session_id: str, found: ServicesDep, who: Submitter) -> JSONResponse:
    """End a session: it takes no more calls. Calls that run are left alone; a second end changes nothing."""
    with session.borrowed(found.engine) as connection:
        sessions.end(connection, who.tenant_id, session_id)
    return read(session_id, found, who)
