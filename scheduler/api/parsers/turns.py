"""Fair sharing of a scarce resource between tenants; requests that would wait too long are refused."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from novacron.errors import TooBusy

MOST_WAITING: Final = 16
"""Largest number of waiting requests per tenant."""
LONGEST_WAIT_S: Final = 5.0
SMOOTHING: Final = 0.2
FIRST_GUESS_S: Final = 0.1


class Turns:
    """A semaphore with a limit per tenant; waiting tenants are served round-robin.

    Bound to one event loop.

    Args:
        n: turns granted at a time.
        share: turns granted to one tenant at a time.
    """

    def __init__(self, n: int, share: int) -> None:
        self._free = n
        self._share = share
        self._running: Counter[int] = Counter()
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}
        self._turn_s = FIRST_GUESS_S

    @asynccontextmanager
    async def turn(self, tenant_id: int) -> AsyncIterator[None]:
        """Hold a turn for the duration of the block.

        Raises:
            TooBusy: too many of the tenant's requests are waiting, or this one has waited too long.
        """
        await self._enter(tenant_id)
        now = asyncio.get_running_loop().time
        begun = now()
        try:
            yield
        finally:
            self._turn_s += SMOOTHING * (now() - begun - self._turn_s)
            self._leave(tenant_id)

    def check(self, tenant_id: int) -> None:
        """Raise at once what `turn` would raise.

        Raises:
            TooBusy: too many of the tenant's requests are waiting.
        """
        waiting = len(self._waiting.get(tenant_id, ()))
        if waiting >= MOST_WAITING:
            raise self._busy(waiting)

    async def _enter(self, tenant_id: int) -> None:
        if self._free and self._running[tenant_id] < self._share:
            self._take(tenant_id)
            return
        self.check(tenant_id)
        queue = self._waiting.setdefault(tenant_id, deque())
        granted = asyncio.get_running_loop().create_future()
        queue.append(granted)
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await granted
        except BaseException as error:
            if granted.done() and not granted.cancelled():
                self._leave(tenant_id)
            else:
                self._forget(tenant_id, granted)
            if isinstance(error, TimeoutError):
                raise self._busy(len(queue)) from None
            raise

    def _take(self, tenant_id: int) -> None:
        self._free -= 1
        self._running[tenant_id] += 1

    def _leave(self, tenant_id: int) -> None:
        self._free += 1
        self._running[tenant_id] -= 1
        if not self._running[tenant_id]:
            del self._running[tenant_id]
        self._grant()

    def _grant(self) -> None:
        """Grant the freed turn to the next request in line."""
        for tenant_id, queue in self._waiting.items():
            granted = next((one for one in queue if not one.done()), None)
            if granted is not None and self._running[tenant_id] < self._share:
                self._forget(tenant_id, granted)
                self._take(tenant_id)
                granted.set_result(None)
                return

    def _forget(self, tenant_id: int, granted: asyncio.Future[None]) -> None:
        """Remove a request from its queue and move the tenant to the end of the line."""
        queue = self._waiting.pop(tenant_id)
        queue.remove(granted)
        if queue:
            self._waiting[tenant_id] = queue

    def _busy(self, waiting: int) -> TooBusy:
        wait_s = min(30.0, self._turn_s * (waiting + 1) / self._share)
        return TooBusy(
            "too many large or slow requests of this tenant are in progress; send fewer at a time",
            retry_after_s=max(1.0, wait_s),
        )
