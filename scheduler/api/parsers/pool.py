"""A bounded pool of parser processes, shared by all tenants."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Sequence
from typing import Final

from novacron.errors import Unavailable
from scheduler.api.parsers.child import Child
from scheduler.api.parsers.frames import Caller, Request
from scheduler.api.parsers.turns import Turns
from scheduler.api.problem_document import Refused
from shared.db.tokens import Bearer
from shared.settings import Settings
from shared.traces.course import COURSE

log = logging.getLogger("novacron.intake")

FEWEST: Final = 2
"""With a single process, one tenant could block all others."""
MOST_BY_ITSELF: Final = 4
WARM_AFTER_S: Final = 2.0
"""Delay of the first process's start, so that requests to the API itself come first at startup."""


def size(settings: Settings) -> int:
    """Return the number of processes: the setting, or else one per core within bounds."""
    return max(FEWEST, settings.parsers or min(MOST_BY_ITSELF, os.cpu_count() or 1))


class Pool:
    """Parser processes, started on demand. Bound to one event loop."""

    def __init__(self, settings: Settings) -> None:
        n = size(settings)
        self._turns = Turns(n, share=n - 1)
        self._idle = deque(Child(settings) for _ in range(n))
        self._children = tuple(self._idle)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Schedule the start of the first process."""
        self._renew(self._idle[-1], WARM_AFTER_S)

    async def close(self) -> None:
        """End all processes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(child.end() for child in self._children))

    @property
    def pids(self) -> list[int]:
        """Ids of the running processes."""
        return [child.pid for child in self._children if child.pid is not None]

    def check(self, who: Bearer) -> None:
        """Raise what `call` would raise at once.

        Raises:
            TooBusy: too many of the tenant's requests are waiting.
        """
        self._turns.check(who.tenant_id)

    async def call(
        self, who: Bearer, name: str, body: Sequence[bytes], **arguments: str | None
    ) -> tuple[dict[str, str], bytes]:
        """Call a function of `scheduler.api.parsers.calls`; return the headers and JSON of its response.

        Args:
            who: the caller.
            name: of the function.
            body: JSON argument of the function, in chunks.
            arguments: further arguments, plain JSON.

        Raises:
            Refused: the function raised an error; carries its problem document.
            TooBusy: too many of the tenant's requests are waiting.
            Unavailable: the process crashed, ran out of memory or hung.
        """
        bearer: Caller = {
            "tenant_id": who.tenant_id, "tenant": who.tenant, "name": who.name, "role": who.role,
            "token_id": who.token_id,
        }  # fmt: skip
        head: Request = {"call": name, "who": bearer, "arguments": arguments}
        if course := COURSE.get():
            head["traceparent"] = course.traceparent
        async with self._turns.turn(who.tenant_id):
            child = self._idle.pop()
            try:
                answer, text = await child.ask(head, body)
            finally:
                if child.pid is None:
                    self._idle.appendleft(child)
                    self._renew(child)
                else:
                    self._idle.append(child)
        if answer["status"] != 200:
            raise Refused(answer["status"], answer["headers"], text)
        if course and "course" in answer:
            course.add(answer["course"])
        return answer["headers"], text

    def _renew(self, child: Child, delay_s: float = 0.0) -> None:
        task = asyncio.get_running_loop().create_task(_start(child, delay_s))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _start(child: Child, delay_s: float) -> None:
    await asyncio.sleep(delay_s)
    try:
        await child.start()
    except (Unavailable, OSError) as error:
        log.warning("%s", error)
