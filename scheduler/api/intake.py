"""Where what is posted is worked off: small bodies here, in a thread; everything else by a parser process."""

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
"""Working off so little, whatever it is, takes some ten milliseconds."""
QUICKLY_EXPLAINED: Final = ("pure_classical", "cryptographic")
"""Kinds whose plan does not depend on numbers that small bodies can make large."""


class Intake:
    """Takes in jobs and questions."""

    def __init__(self, submission: Submission, pool: Pool) -> None:
        self._submission = submission
        self._pool = pool

    async def body(self, request: Request, who: Bearer) -> list[bytes]:
        """The request's body as it came, in pieces: joining a large one would stop the event loop.

        Raises:
            TooBusy: it is not small, and too much of the tenant's waits already.
            ClientDisconnect: it did not come to its end.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or int(declared) > SMALL_BYTES:
            self._pool.check(who)
        return [chunk async for chunk in request.stream() if chunk]

    async def submit(self, body: Sequence[bytes], who: Bearer, key: str | None) -> str:
        """The id of a new job; see `Submission.submit`."""
        begun_s = time.perf_counter()
        job_id = await self._submitted(body, who, key)
        TALLY.observe("novacron_submit_seconds", time.perf_counter() - begun_s)
        return job_id

    async def _submitted(self, body: Sequence[bytes], who: Bearer, key: str | None) -> str:
        if (value := _small(body)) is not None:
            try:
                return await run_in_threadpool(self._submission.submit, value, submission.Request(who, key))
            except CircuitText:
                pass
        return await self.made("submit", body, who, key=key)

    async def made(self, call: str, body: Sequence[bytes], who: Bearer, **arguments: str | None) -> str:
        """The id of a job that a parser process has made."""
        _, text = await self._pool.call(who, call, body, **arguments)
        job_id: str = json.loads(text)
        return job_id

    async def explain(self, body: Sequence[bytes], who: Bearer) -> Response:
        """What would be done with a job."""
        value = _small(body)
        if isinstance(value, Mapping) and value.get("kind") in QUICKLY_EXPLAINED:
            return JSONResponse(await run_in_threadpool(self._submission.explain, value, who.tenant_id))
        return await self.answer("explain", body, who)

    async def answer(
        self, call: str, body: Sequence[bytes], who: Bearer, *, status: int = 200, **arguments: str | None
    ) -> Response:
        """What a parser process answers to a body."""
        headers, text = await self._pool.call(who, call, body, **arguments)
        return Response(text, status, headers, media_type="application/json")


def _small(body: Sequence[bytes]) -> Json:
    """The value of a small body; None where it is large, or no value that could be a job."""
    return json_text.loads(b"".join(body)) if frames.size(body) <= SMALL_BYTES else None
