"""A session, as returned by both clients: calls of one program that belong together."""

from __future__ import annotations

from contextlib import suppress
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING

from novacron._text import on_one_line
from novacron._transport import flows
from novacron.errors import NovaCronError
from novacron.inputs.spec import Spec, described

if TYPE_CHECKING:
    from novacron._async_job import AsyncJob
    from novacron._job import Job
    from novacron.answers import session
    from novacron.answers.answer import Listing
    from novacron.async_client import AsyncClient
    from novacron.client import Client
    from novacron.plots.drawing import Picture
    from novacron.results import Result


class SessionView:
    """What is known of a session without a request.

    Attributes:
        name: name of the program.
        document: the session as last fetched; None until it is opened, by `with` or by its first call.
    """

    def __init__(self, name: str, idle_s: float | str | None) -> None:
        self.name = name
        self.document: session.Session | None = None
        self._idle_s = idle_s

    def __repr__(self) -> str:
        told = "not opened" if self.document is None else f"{self.document.session_id} {self.document.status}"
        return on_one_line(f"<{type(self).__name__} {self.name!r} {told}>")


class Session(SessionView):
    """Calls of one program; open within its `with` block, else until `end` or its idle time."""

    def __init__(self, client: Client, name: str, idle_s: float | str | None) -> None:
        super().__init__(name, idle_s)
        self._client = client

    @property
    def id(self) -> str:
        """The session's id; it is opened if need be."""
        return (self.document or self.open()).session_id

    def open(self) -> session.Session:
        """Open the session, once; return its document."""
        if self.document is None:
            self.document = self._client.sessions.open(self.name, idle_s=self._idle_s)
        return self.document

    def submit(self, spec: Spec) -> Job:
        """Submit a job as the next call; see `Client.submit`.

        Raises:
            Conflict: the session has ended.
        """
        with described(spec) as document:
            return self._client._job(flows.submit({**document, "session": self.id}))

    def run(self, spec: Spec, timeout: float | None = None) -> Result:
        """Submit a job as the next call and return its result, in one request if it takes less than 30 s.

        Raises:
            Conflict: the session has ended.
            JobFailed: it failed; the message is the cause.
            JobCancelled: it was cancelled.
            StillRunning: it has not ended after `timeout` seconds.
        """
        from novacron import results

        with described(spec) as document:
            return results.of(self._client._run(flows.run({**document, "session": self.id}, timeout)))

    def calls(self) -> Listing[session.Call]:
        """List the calls in order, each with the first value of its answer."""
        return self._client.sessions.calls(self.id)

    def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw the first value of each call; write it as PNG where a path is given.

        Raises:
            BadInput: no call has a value, or matplotlib is not installed.
        """
        from novacron.plots import calls

        return calls.draw(self.name, self.calls(), path)

    def refresh(self) -> session.Session:
        """Fetch and return the session's document: numbers of calls, times, cost."""
        self.document = self._client.sessions.get(self.id)
        return self.document

    def end(self) -> session.Session:
        """End the session: it takes no more calls. Return its document."""
        self.document = self._client.sessions.end(self.id)
        return self.document

    def __enter__(self) -> Session:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The program's own error is the one to be seen.
        with suppress(*(() if error is None else (NovaCronError,))):
            self.end()


class AsyncSession(SessionView):
    """Calls of one program, awaited; see `Session`."""

    def __init__(self, client: AsyncClient, name: str, idle_s: float | str | None) -> None:
        super().__init__(name, idle_s)
        self._client = client

    async def open(self) -> session.Session:
        """Open the session, once; return its document."""
        if self.document is None:
            self.document = await self._client.sessions.open(self.name, idle_s=self._idle_s)
        return self.document

    async def submit(self, spec: Spec) -> AsyncJob:
        """Submit a job as the next call; see `Session.submit`."""
        with described(spec) as document:
            wanted = {**document, "session": (await self.open()).session_id}
            return await self._client._job(flows.submit(wanted))

    async def run(self, spec: Spec, timeout: float | None = None) -> Result:
        """Submit a job as the next call and return its result; see `Session.run`."""
        from novacron import results

        with described(spec) as document:
            wanted = {**document, "session": (await self.open()).session_id}
            return results.of(await self._client._run(flows.run(wanted, timeout)))

    async def calls(self) -> Listing[session.Call]:
        """List the calls in order; see `Session.calls`."""
        return await self._client.sessions.calls((await self.open()).session_id)

    async def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw the first value of each call; see `Session.plot`."""
        from novacron.plots import calls

        return calls.draw(self.name, await self.calls(), path)

    async def refresh(self) -> session.Session:
        """Fetch and return the session's document; see `Session.refresh`."""
        self.document = await self._client.sessions.get((await self.open()).session_id)
        return self.document

    async def end(self) -> session.Session:
        """End the session; see `Session.end`."""
        self.document = await self._client.sessions.end((await self.open()).session_id)
        return self.document

    async def __aenter__(self) -> AsyncSession:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(*(() if error is None else (NovaCronError,))):
            await self.end()
