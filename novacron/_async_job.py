"""A submitted job, as returned by `AsyncClient`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron._transport import flows
from novacron._transport.stream import Cursor, Event, references
from novacron._view import JobView, known, written

if TYPE_CHECKING:
    from novacron.answers.answer import Listing
    from novacron.answers.log_line import Log
    from novacron.answers.task import Task
    from novacron.async_client import AsyncClient
    from novacron.plots.drawing import Picture
    from novacron.results import Result


class AsyncJob(JobView):
    """A submitted job; see `novacron.client.Job`."""

    def __init__(self, client: AsyncClient, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self._client = client

    async def refresh(self) -> AsyncJob:
        """Fetch the job's current state; return this job."""
        self.document = await self._client._run(flows.job(self.id))
        return self

    async def wait(self, timeout: float | None = None) -> AsyncJob:
        """Wait until the job has ended in any state; see `Job.wait`."""
        if not (self.ended and "result" in self.document):
            self.document = await self._client._run(flows.wait(self.id, timeout))
        return self

    async def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return its result; see `Job.result`."""
        from novacron import results

        return results.of((await self.wait(timeout)).document)

    def stream(self, from_: int = 1, *, follow: bool = True) -> AsyncIterator[Event]:
        """Iterate over the job's events; see `Job.stream`."""
        return self._client._events(Cursor(self.id, from_, follow=follow))

    async def tasks(self, *, limit: int | None = None) -> Listing[Task]:
        """List the job's tasks; see `Job.tasks`."""
        from novacron._tasks import tasks

        return await self._client._run(tasks(self.id, limit))

    async def logs(self, *, after: int = 0) -> Log:
        """List the job's log lines; see `Job.logs`."""
        from novacron._logs import log

        return await self._client._run(log(self.id, after))

    async def cancel(self, reason: str | None = None) -> AsyncJob:
        """Cancel the job; see `Job.cancel`."""
        self.document = await self._client._run(flows.cancel(self.id, reason))
        return self

    async def tag(self, *tags: str) -> AsyncJob:
        """Replace the job's tags; return this job."""
        self.document = await self._client._run(flows.tag(self.id, tags))
        return self

    async def predict(self, data: Any, timeout: float | None = None) -> list[Any]:
        """Return the trained model's predicted classes for new samples; see `Job.predict`."""
        from novacron.inputs import prediction

        await self.result(timeout)
        asked = await self._client.submit(prediction.job_of(self.document, data))
        return list((await asked.result(timeout)).value["predictions"])

    async def replay(self) -> AsyncJob:
        """Run the job again without the cache; return the new job."""
        return AsyncJob(self._client, await self._client._run(flows.replay(self.id)))

    async def retry(self) -> AsyncJob:
        """Submit the job again after it failed or was cancelled; return the new job.

        Raises:
            Conflict: it did not fail.
        """
        return AsyncJob(self._client, await self._client._run(flows.retry(self.id)))

    async def references(self) -> dict[str, float]:
        """Return the known reference values; see `Job.references`."""
        return known(self.document) or references([event async for event in self.stream(follow=False)])

    async def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw the result once the job has completed; see `Job.plot`."""
        from novacron.plots import drawing

        return drawing.draw((await self.wait()).document, await self.references(), path)

    async def export(self, path: str | PathLike[str] | None = None, *, circuit: str = "qasm3") -> bytes:
        """Return the job's circuit with its optimized parameters; see `Job.export`."""
        await self.result()
        return written(await self._client._run(flows.circuit(self.id, circuit)), path)
