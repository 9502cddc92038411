"""The client for asyncio: the same methods as `novacron.client`, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from novacron import _rows
from novacron._async_job import AsyncJob
from novacron._sweep_job import AsyncSweepJob
from novacron._transport import flows, tls
from novacron._transport.endpoint import Addresses, Endpoint, find, unreachable
from novacron._transport.http import Request, Response, headers, problem
from novacron._transport.stream import Cursor, Event
from novacron.errors import Unavailable, Unreachable
from novacron.groups.grouped import Grouped
from novacron.inputs.spec import Spec, described, documents_of, each_blamed, swept
from novacron.tls.handshake import Handshake

if TYPE_CHECKING:
    from novacron._rows import Rows
    from novacron._session import AsyncSession
    from novacron.answers.algorithm import Algorithms
    from novacron.answers.explanation import Explanation
    from novacron.answers.readiness import Readiness
    from novacron.results import Result

__all__ = ["AsyncClient", "AsyncJob", "AsyncSweepJob"]

T = TypeVar("T")
BROKEN = (httpx.HTTPError, httpx.InvalidURL)


class AsyncClient(Grouped):
    """A client of the scheduler for one event loop. Arguments and errors are those of `Client`."""

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._endpoint = find(url, token)
        self._handshake: Handshake | None = None
        self._addresses = Addresses(self._endpoint)
        # No proxy, and no credentials from a netrc file, as in the synchronous client.
        self._http = httpx.AsyncClient(transport=_transport(self._endpoint), trust_env=False)

    def __repr__(self) -> str:
        return f"<AsyncClient {self.url}>"

    @property
    def url(self) -> str:
        """The current address of the scheduler."""
        return self._addresses.url

    @property
    def handshake(self) -> Handshake | None:
        """Negotiated TLS parameters of the last request; see `Client.handshake`."""
        return self._handshake

    async def submit(self, spec: Spec) -> AsyncJob:
        """Submit a job; see `Client.submit`."""
        with described(spec) as document:
            return await self._job(flows.submit(document))

    async def submit_many(self, specs: Iterable[Spec]) -> list[AsyncJob]:
        """Submit jobs by one request; see `Client.submit_many`."""
        given = list(specs)
        documents = documents_of(given)
        with each_blamed([partial(described, one) for one in given]):
            return [self._of(document) for document in await self._run(flows.submit_many(documents))]

    async def run(self, spec: Spec, timeout: float | None = None) -> Result:
        """Submit a job and return its result; see `Client.run`."""
        from novacron import results

        with described(spec) as document:
            ended = await self._run(flows.run(document, timeout))
        return results.of(ended)

    async def sweep(
        self,
        job: Spec,
        over: Mapping[str, Any],
        *,
        name: str | None = None,
        without: Sequence[Mapping[str, Any]] = (),
        together: Sequence[Sequence[str]] = (),
        start_from: str | None = None,
        pick: Mapping[str, str] | None = None,
        keep_going: bool = True,
    ) -> AsyncSweepJob:
        """Run a job for many values of some of its keys; see `Client.sweep`."""
        with swept(
            job, over, name=name, without=without, together=together, start_from=start_from, pick=pick,
            keep_going=keep_going,
        ) as document:  # fmt: skip
            return AsyncSweepJob(self, await self._run(flows.submit(document)))

    def session(self, name: str, *, idle_s: float | str | None = None) -> AsyncSession:
        """Return a session for the calls of a program, opened by ``async with``; see `Client.session`."""
        from novacron._session import AsyncSession

        return AsyncSession(self, name, idle_s)

    async def job(self, job_id: str) -> AsyncJob:
        """Look up a job; see `Client.job`."""
        return await self._job(flows.job(job_id))

    async def jobs(
        self,
        *,
        status: str | Sequence[str] | None = None,
        kind: str | Sequence[str] | None = None,
        tag: str | Sequence[str] | None = None,
        name: str | None = None,
        q: str | None = None,
        sweep: str | None = None,
        session: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 50,
    ) -> list[AsyncJob]:
        """List the caller's jobs, newest first; see `Client.jobs`."""
        wanted = flows.jobs(
            limit, status=status, kind=kind, tag=tag, name=name, q=q, sweep=sweep, session=session,
            since=since, until=until,
        )  # fmt: skip
        return [self._of(document) for document in await self._run(wanted)]

    async def rows(
        self,
        job_ids: Sequence[str] | None = None,
        *,
        status: str | Sequence[str] | None = None,
        kind: str | Sequence[str] | None = None,
        tag: str | Sequence[str] | None = None,
        name: str | None = None,
        limit: int = 1000,
    ) -> Rows:
        """Return the rows of jobs; see `Client.rows`."""
        if job_ids is not None:
            return await self._run(_rows.of(job_ids))
        return await self._run(_rows.matching(limit, status=status, kind=kind, tag=tag, name=name))

    async def algorithms(self) -> Algorithms:
        """Describe the available cryptographic algorithms."""
        return await self._run(flows.algorithms())

    async def explain(self, spec: Spec) -> Explanation:
        """Describe how a job would run; see `Client.explain`."""
        with described(spec) as document:
            return await self._run(flows.explain(document))

    async def readiness(self) -> Readiness:
        """Describe whether the scheduler is ready; see `Client.readiness`."""
        return await self._run(flows.readiness())

    async def version(self) -> str:
        """Return the scheduler's version."""
        return await self._run(flows.version())

    async def close(self) -> None:
        """Close all connections; the client cannot be used afterwards."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _job(self, flow: flows.Flow[flows.Document]) -> AsyncJob:
        return self._of(await self._run(flow))

    def _of(self, document: flows.Document) -> AsyncJob:
        return (AsyncSweepJob if document.get("kind") == "sweep" else AsyncJob)(self, document)

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
        failures: dict[str, Exception] = {}
        for url in self._addresses.turn():
            try:
                reply = await self._send(url, request)
            except BROKEN as error:
                failures[url] = _plain(error)
                self._addresses.leave(url)
            else:
                return Response(reply.status_code, reply.headers, reply.content)
        raise unreachable(failures) from next(iter(failures.values()))

    async def _send(self, url: str, request: Request, *, stream: bool = False) -> httpx.Response:
        with tls.verified():
            reply = await self._http.send(self._built(url, request), stream=stream)
        self._handshake = _handshake(reply)
        return reply

    def _built(self, url: str, request: Request) -> httpx.Request:
        connect_s = min(request.timeout_s, self._addresses.connect_s)
        return self._http.build_request(
            request.method,
            url + request.path,
            content=request.body,
            headers=headers(request, self._endpoint.token),
            timeout=httpx.Timeout(request.timeout_s, connect=connect_s),
        )

    async def _events(self, cursor: Cursor) -> AsyncIterator[Event]:
        while not cursor.done:
            try:
                async with aclosing(self._connected(cursor)) as events:
                    async for event in events:
                        yield event
            except Unavailable as failure:
                await asyncio.sleep(cursor.pause_s(failure))

    async def _connected(self, cursor: Cursor) -> AsyncGenerator[Event, None]:
        url = self._addresses.url
        try:
            reply = await self._send(url, cursor.request(), stream=True)
            try:
                if reply.status_code >= 400:
                    raise problem(Response(reply.status_code, reply.headers, await reply.aread()))
                cursor.opened(reply.status_code)
                async for chunk in reply.aiter_bytes():
                    for event in cursor.accept(chunk):
                        yield event
                    if cursor.done:
                        return
                cursor.ended()
            finally:
                await reply.aclose()
        except BROKEN as error:
            self._addresses.leave(url)
            raise unreachable({url: _plain(error)}) from error


def _plain(error: Exception) -> Exception:
    """Return the standard library's exception for a broken connection."""
    return TimeoutError() if isinstance(error, httpx.TimeoutException) else error


def _transport(endpoint: Endpoint) -> httpx.AsyncHTTPTransport:
    context = tls.chosen(endpoint) if endpoint.secured else None
    if context is None:
        return httpx.AsyncHTTPTransport(verify=tls.ordinary(endpoint), trust_env=False)
    from novacron.tls.transport import SecureTransport

    return SecureTransport(context)


def _handshake(reply: httpx.Response) -> Handshake | None:
    stream = reply.extensions["network_stream"]
    ordinary = stream.get_extra_info("ssl_object")
    return tls.agreed(ordinary) if ordinary else stream.get_extra_info("handshake")
