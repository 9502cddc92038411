"""Clients that submit a job, poll it until it has ended, list their jobs, and repeat."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.api.connection import Connection

JOBS = "/api/quantum/jobs"
BEGIN = int(time.time())


@dataclass
class Crowd:
    """A number of concurrent clients.

    Attributes:
        port: port of the API.
        token: token of all clients.
        clients: number of clients.
        think_s: pause of a client between a response and its next request, drawn from 0.5 to 1.5 times this.
        seconds: duration of the measurement, after one second of warm-up.
        taken: latencies in seconds by request.
        failures: responses with a status of 400 or more.
    """

    port: int
    token: str
    clients: int
    think_s: float
    seconds: float
    taken: dict[str, list[float]] = field(default_factory=lambda: {"submit": [], "poll": [], "list": []})
    jobs_done: int = 0
    failures: int = 0
    _seeds: Any = field(default_factory=lambda: itertools.count(BEGIN * 1000))
    _measuring: bool = False

    async def run(self) -> None:
        """Start the clients, measure, stop them."""
        tasks = [asyncio.create_task(self._client(number)) for number in range(self.clients)]
        await asyncio.sleep(1.0 + self.think_s)
        self._measuring = True
        await asyncio.sleep(self.seconds)
        self._measuring = False
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _client(self, number: int) -> None:
        pause = random.Random(number)
        connection = Connection(self.port, self.token)
        try:
            await asyncio.sleep(pause.uniform(0, self.think_s))
            while True:
                await self._job(connection, pause)
        finally:
            await connection.close()

    async def _job(self, connection: Connection, pause: random.Random) -> None:
        spec = {"kind": "pure_classical", "function": "noop", "seed": next(self._seeds), "cache": False}
        job = await self._timed(connection, pause, "submit", "POST", JOBS, spec)
        while job["status"] in ("queued", "running"):
            job = await self._timed(connection, pause, "poll", "GET", f"{JOBS}/{job['job_id']}")
        self.jobs_done += self._measuring
        await self._timed(connection, pause, "list", "GET", f"{JOBS}?limit=20")

    async def _timed(
        self,
        connection: Connection,
        pause: random.Random,
        what: str,
        method: str,
        path: str,
        body: Any = None,
    ) -> Any:
        start = time.perf_counter()
        status, answer = await connection.ask(method, path, body)
        if self._measuring:
            self.taken[what].append(time.perf_counter() - start)
            self.failures += status >= 400
        if self.think_s:
            await asyncio.sleep(self.think_s * pause.uniform(0.5, 1.5))
        return answer
