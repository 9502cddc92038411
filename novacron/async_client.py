"""The client for asyncio: the same verbs as `novacron.client`, awaited."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import aclosing
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from novacron import _flows
from novacron._endpoint import find
from novacron._http import Request, Response, headers, problem
from novacron._spec import Spec, document_of
from novacron._view import JobView, known
from novacron.errors import Unavailable, Unreachable
from novacron.stream import Cursor, Event, references

if TYPE_CHECKING:
    from novacron.plot import Picture
    from novacron.results import Result

T = TypeVar("T")
BROKEN = (httpx.HTTPError, httpx.InvalidURL)


class AsyncClient:
    """A scheduler, seen from outside, for one event loop. Arguments and errors are those of `Client`."""

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._endpoint = find(url, token)
        # Certificates as in the synchronous client; no proxy, and no password from a netrc file.
        self._http = httpx.AsyncClient(
            base_url=self._endpoint.url, verify=ssl.create_default_context(), trust_env=False
        )

    @property
    def url(self) -> str:
        """The scheduler's address."""
        return self._endpoint.url

    async def submit(self, spec: Spec) -> AsyncJob:
        """Submit a job; see `Client.submit`."""
        return AsyncJob(self, await self._run(_flows.submit(document_of(spec))))

    async def job(self, job_id: str) -> AsyncJob:
        """Look up a job; see `Client.job`."""
        return AsyncJob(self, await self._run(_flows.job(job_id)))

    async def jobs(
        self, *, status: str | None = None, kind: str | None = None, limit: int = 50
    ) -> list[AsyncJob]:
        """List the caller's jobs, newest first."""
        return [AsyncJob(self, document) for document in await self._run(_flows.jobs(status, kind, limit))]

    async def backends(self) -> list[dict[str, Any]]:
        """List the backends; see `Client.backends`."""
        return await self._run(_flows.backends())

    async def workers(self) -> dict[str, Any]:
        """Describe the ``workers`` and the ``queues``."""
        return await self._run(_flows.workers())

    async def algorithms(self) -> Any:
        """Describe the cryptographic algorithms on offer."""
        return await self._run(_flows.algorithms())

    async def explain(self, spec: Spec) -> dict[str, Any]:
        """Describe how a job would run; see `Client.explain`."""
        return await self._run(_flows.explain(document_of(spec)))

    async def create_token(
        self, name: str, role: str, *, tenant: str | None = None, expires_s: float | None = None
    ) -> dict[str, Any]:
        """Create a token; see `Client.create_token`."""
        return await self._run(_flows.create_token(name, role, tenant, expires_s))

    async def version(self) -> str:
        """Return the scheduler's version."""
        return await self._run(_flows.version())

    async def close(self) -> None:
        """Close all connections; the client is of no more use."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, flow: Generator[Request, Response, T]) -> T:
        try:
            request = next(flow)
            while True:
                await asyncio.sleep(request.delay_s)
                try:
                    response = await self._exchange(request)
                except Unreachable as failure:
                    request = flow.throw(failure)
                else:
                    request = flow.send(response)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _exchange(self, request: Request) -> Response:
        try:
            reply = await self._http.send(self._built(request))
        except BROKEN as error:
            raise self._unreachable(error) from error
        return Response(reply.status_code, reply.headers, reply.content)

    def _built(self, request: Request) -> httpx.Request:
        return self._http.build_request(
            request.method,
            request.path,
            content=request.body,
            headers=headers(request, self._endpoint.token),
            timeout=request.timeout_s,
        )

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(f"no scheduler answers at {self.url}: {error or type(error).__name__}")

    async def _events(self, cursor: Cursor) -> AsyncIterator[Event]:
        while not cursor.done:
            try:
                async with aclosing(self._connected(cursor)) as events:
                    async for event in events:
                        yield event
            except Unavailable as failure:
                await asyncio.sleep(cursor.pause_s(failure))

    async def _connected(self, cursor: Cursor) -> AsyncGenerator[Event, None]:
        try:
            reply = await self._http.send(self._built(cursor.request()), stream=True)
            try:
                if reply.status_code >= 400:
                    raise problem(Response(reply.status_code, reply.headers, await reply.aread()))
                async for chunk in reply.aiter_bytes():
                    for event in cursor.accept(chunk):
                        yield event
                    if cursor.done:
                        return
                cursor.ended()
            finally:
                await reply.aclose()
        except BROKEN as error:
            raise self._unreachable(error) from error


class AsyncJob(JobView):
    """A submitted job; see `novacron.client.Job`."""

    def __init__(self, client: AsyncClient, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self._client = client

    async def refresh(self) -> AsyncJob:
        """Ask for the job's present state; return this job."""
        self.document = await self._client._run(_flows.job(self.id))
        return self

    async def wait(self, timeout: float | None = None) -> AsyncJob:
        """Wait until the job has ended, however; see `Job.wait`."""
        if not (self.ended and "result" in self.document):
            self.document = await self._client._run(_flows.wait(self.id, timeout))
        return self

    async def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return its result; see `Job.result`."""
        from novacron import results

        return results.of((await self.wait(timeout)).document)

    def stream(self, from_: int = 1, *, follow: bool = True) -> AsyncIterator[Event]:
        """Iterate over the job's events; see `Job.stream`."""
        return self._client._events(Cursor(self.id, from_, follow=follow))

    async def cancel(self) -> AsyncJob:
        """Cancel the job; see `Job.cancel`."""
        self.document = await self._client._run(_flows.cancel(self.id))
        return self

    async def replay(self) -> AsyncJob:
        """Run the job again without the cache; return the new job."""
        return AsyncJob(self._client, await self._client._run(_flows.replay(self.id)))

    async def references(self) -> dict[str, float]:
        """Return the known values to compare with; see `Job.references`."""
        return known(self.document) or references([event async for event in self.stream(follow=False)])

    async def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw the result once the job has completed; see `Job.plot`."""
        from novacron import plot

        return plot.draw((await self.wait()).document, await self.references(), path)
