"""Dispatch of submitted bodies: small ones are handled by a thread here, all others by a parser process."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from novacron.json_types import Json
from scheduler.api.parsers import frames, json_text
from scheduler.api.parsers.pool import Pool
from scheduler.planning import submission
from scheduler.planning.submission import CircuitText, Submission
from shared.db.tokens import Bearer
from shared.metrics.tally import TALLY

SMALL_BYTES: Final = 1 << 15
"""Bodies up to this size, whatever they contain, take some 10 ms."""
QUICKLY_EXPLAINED: Final = ("pure_classical", "cryptographic")
"""Kinds whose plan does not depend on numbers that a small body can make large."""


class Intake:
    """Accepts jobs and queries."""

    def __init__(self, submission: Submission, pool: Pool) -> None:
        self._submission = submission
        self._pool = pool

    async def body(self, request: Request, who: Bearer) -> list[bytes]:
        """Return the request's body as received, in chunks: joining a large one would block the event loop.

        Raises:
            TooBusy: it is not small, and too many of the tenant's requests are already waiting.
            ClientDisconnect: the client disconnected before the end of the body.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or int(declared) > SMALL_BYTES:
            self._pool.check(who)
        return [chunk async for chunk in request.stream() if chunk]

    async def submit(self, body: Sequence[bytes], who: Bearer, key: str | None) -> str:
        """Return the id of a new job; see `Submission.submit`."""
        begun_s = time.perf_counter()
        job_id = await self._submitted(body, who, key)
        TALLY.observe("novacron_submit_seconds", time.perf_counter() - begun_s)
        return job_id

    async def _submitted(self, body: Sequence[bytes], who: Bearer, key: str | None) -> str:
        if (value := _small(body)) is not None and not _is_sweep(value):
            try:
                return await run_in_threadpool(self._submission.submit, value, submission.Request(who, key))
            except CircuitText:
                pass
        return await self.made("submit", body, who, key=key)

    async def made(self, call: str, body: Sequence[bytes], who: Bearer, **arguments: str | None) -> str:
        """Return the id of a job created by a parser process."""
        _, text = await self._pool.call(who, call, body, **arguments)
        job_id: str = json.loads(text)
        return job_id

    async def explain(self, body: Sequence[bytes], who: Bearer) -> Response:
        """Return the plan for a job without submitting it."""
        value = _small(body)
        if isinstance(value, Mapping) and value.get("kind") in QUICKLY_EXPLAINED:
            return JSONResponse(await run_in_threadpool(self._submission.explain, value, who))
        return await self.answer("explain", body, who)

    async def answer(
        self, call: str, body: Sequence[bytes], who: Bearer, *, status: int = 200, **arguments: str | None
    ) -> Response:
        """Return a parser process's response to a body."""
        headers, text = await self._pool.call(who, call, body, **arguments)
        return Response(text, status, headers, media_type="application/json")


def _is_sweep(value: Json) -> bool:
    """Return whether a small body stands for many jobs."""
    return isinstance(value, Mapping) and value.get("kind") == "sweep"


def _small(body: Sequence[bytes]) -> Json:
    """Return the value of a small body; None where the body is large or cannot be a job."""
    return json_text.loads(b"".join(body)) if frames.size(body) <= SMALL_BYTES else None
