"""The client: submit jobs, follow them, read their results."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from novacron import _flows
from novacron._endpoint import find
from novacron._http import Request, Response
from novacron._socket import Connections
from novacron._spec import Spec, document_of
from novacron._view import JobView, known
from novacron.errors import Unavailable
from novacron.stream import Cursor, Event, references

if TYPE_CHECKING:
    from novacron.plot import Picture
    from novacron.results import Result

T = TypeVar("T")


class Client:
    """A scheduler, seen from outside; threads may share one.

    Args:
        url: the scheduler's address; else NOVACRON_URL, else the embedded stack's.
        token: the bearer token; else NOVACRON_TOKEN, else the embedded stack's.

    Raises:
        Unreachable: no address is known.
        BadInput: the address is not one.
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._connections = Connections(find(url, token))

    @property
    def url(self) -> str:
        """The scheduler's address."""
        return self._connections.endpoint.url

    def submit(self, spec: Spec) -> Job:
        """Submit a job: a spec object, a canonical spec as a dict, or the path of a job file or circuit.

        Raises:
            BadInput: the spec breaks a rule; nothing was written.
            Unavailable: no scheduler answered, or it stayed too busy.
            Denied: the token is not good enough.
        """
        return Job(self, self._run(_flows.submit(document_of(spec))))

    def job(self, job_id: str) -> Job:
        """Look up a job.

        Raises:
            NotFound: there is no such job, or it is somebody else's.
        """
        return Job(self, self._run(_flows.job(job_id)))

    def jobs(self, *, status: str | None = None, kind: str | None = None, limit: int = 50) -> list[Job]:
        """List the caller's jobs, newest first."""
        return [Job(self, document) for document in self._run(_flows.jobs(status, kind, limit))]

    def backends(self) -> list[dict[str, Any]]:
        """List the backends: name, queue, whether available and why not, limits."""
        return self._run(_flows.backends())

    def workers(self) -> dict[str, Any]:
        """Describe the ``workers`` and the ``queues``."""
        return self._run(_flows.workers())

    def algorithms(self) -> Any:
        """Describe the cryptographic algorithms on offer."""
        return self._run(_flows.algorithms())

    def explain(self, spec: Spec) -> dict[str, Any]:
        """Describe how a job would run (tasks, queue and why, estimate) without submitting it."""
        return self._run(_flows.explain(document_of(spec)))

    def create_token(
        self, name: str, role: str, *, tenant: str | None = None, expires_s: float | None = None
    ) -> dict[str, Any]:
        """Create a token of role ``submit``, ``read`` or ``admin``; the answer shows it this once."""
        return self._run(_flows.create_token(name, role, tenant, expires_s))

    def version(self) -> str:
        """Return the scheduler's version."""
        return self._run(_flows.version())

    def close(self) -> None:
        """Close idle connections; the client may still be used."""
        self._connections.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Generator[Request, Response, T]) -> T:
        return self._connections.run(flow)

    def _events(self, cursor: Cursor) -> Iterator[Event]:
        while not cursor.done:
            try:
                with self._connections.stream(cursor.request()) as chunks:
                    for chunk in chunks:
                        yield from cursor.accept(chunk)
                        if cursor.done:
                            return
                cursor.ended()
            except Unavailable as failure:
                time.sleep(cursor.pause_s(failure))


class Job(JobView):
    """A submitted job. Its properties say what was last heard; `refresh` asks again."""

    def __init__(self, client: Client, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self._client = client

    def refresh(self) -> Job:
        """Ask for the job's present state; return this job."""
        self.document = self._client._run(_flows.job(self.id))
        return self

    def wait(self, timeout: float | None = None) -> Job:
        """Wait until the job has ended, however; return this job.

        Raises:
            StillRunning: it has not ended after `timeout` seconds.
        """
        if not (self.ended and "result" in self.document):
            self.document = self._client._run(_flows.wait(self.id, timeout))
        return self

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return its result, of the class for its kind in `novacron.results`.

        Raises:
            JobFailed: it failed; the message is the cause.
            JobCancelled: it was cancelled.
            StillRunning: it has not ended after `timeout` seconds.
        """
        from novacron import results

        return results.of(self.wait(timeout).document)

    def stream(self, from_: int = 1, *, follow: bool = True) -> Iterator[Event]:
        """Iterate over the job's events from number `from_`, each once and in order, until the job ends.

        A broken connection is taken up again where it broke. Without `follow`, stop at the newest event.

        Raises:
            Unavailable: no scheduler answered for a minute.
        """
        return self._client._events(Cursor(self.id, from_, follow=follow))

    def cancel(self) -> Job:
        """Cancel the job; return this job.

        Raises:
            Conflict: it had ended already.
        """
        self.document = self._client._run(_flows.cancel(self.id))
        return self

    def replay(self) -> Job:
        """Run the job again without the cache; return the new job."""
        return Job(self._client, self._client._run(_flows.replay(self.id)))

    def references(self) -> dict[str, float]:
        """Return the known values to compare with: ``e_hf``, ``e_exact`` or ``optimum``, where known."""
        return known(self.document) or references(self.stream(follow=False))

    def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw the result once the job has completed; write it as PNG where a path is given.

        Raises:
            JobFailed: it failed; the message is the cause.
            JobCancelled: it was cancelled.
            BadInput: matplotlib is not installed, or this result has nothing to draw.
        """
        from novacron import plot

        return plot.draw(self.wait().document, self.references(), path)
