"""The client: submit jobs, follow them, read their results."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from novacron._job import Job
from novacron._transport import flows
from novacron._transport.endpoint import find
from novacron._transport.http import Request, Response
from novacron._transport.socket import Connections
from novacron._transport.stream import Cursor, Event
from novacron.errors import Unavailable
from novacron.groups.grouped import Grouped
from novacron.inputs.spec import Spec, described
from novacron.tls.handshake import Handshake

if TYPE_CHECKING:
    from novacron.answers.algorithm import Algorithms
    from novacron.answers.explanation import Explanation
    from novacron.answers.readiness import Readiness

__all__ = ["Client", "Job"]

T = TypeVar("T")


class Client(Grouped):
    """A client of the scheduler; thread-safe.

    Args:
        url: the scheduler's address; else NOVACRON_URL, else the embedded stack's. Several schedulers on one
            database: all addresses, separated by commas; on failure the client uses the next.
        token: the bearer token; else NOVACRON_TOKEN, else the embedded stack's.

    Raises:
        Unreachable: no address is known.
        BadInput: the address is invalid, or NOVACRON_TLS or NOVACRON_CA_FILE do not fit it.
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._connections = Connections(find(url, token))

    def __repr__(self) -> str:
        return f"<Client {self.url}>"

    @property
    def url(self) -> str:
        """The current address of the scheduler."""
        return self._connections.url

    @property
    def handshake(self) -> Handshake | None:
        """Negotiated TLS parameters of the last request: group, signature, version; None over plain HTTP."""
        return self._connections.handshake

    def submit(self, spec: Spec) -> Job:
        """Submit a job: a spec object, a canonical spec as a dict, or the path of a job file or circuit.

        Raises:
            BadInput: the spec breaks a rule; nothing was written.
            Unavailable: no scheduler answered, or it stayed too busy.
            Denied: the token is missing, invalid, or its role is insufficient.
        """
        with described(spec) as document:
            return self._job(flows.submit(document))

    def job(self, job_id: str) -> Job:
        """Look up a job.

        Raises:
            NotFound: there is no such job, or it belongs to another tenant.
        """
        return self._job(flows.job(job_id))

    def jobs(self, *, status: str | None = None, kind: str | None = None, limit: int = 50) -> list[Job]:
        """List the caller's jobs, newest first."""
        return [Job(self, document) for document in self._run(flows.jobs(status, kind, limit))]

    def algorithms(self) -> Algorithms:
        """Describe the available cryptographic algorithms."""
        return self._run(flows.algorithms())

    def explain(self, spec: Spec) -> Explanation:
        """Describe how a job would run (tasks, queue with reason, estimate) without submitting it."""
        with described(spec) as document:
            return self._run(flows.explain(document))

    def version(self) -> str:
        """Return the scheduler's version."""
        return self._run(flows.version())

    def readiness(self) -> Readiness:
        """Describe whether the scheduler is ``ready`` to run jobs, and what is missing if it is not."""
        return self._run(flows.readiness())

    def close(self) -> None:
        """Close idle connections; the client can still be used."""
        self._connections.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, flow: Generator[Request, Response, T]) -> T:
        return self._connections.run(flow)

    def _job(self, flow: flows.Flow[flows.Document]) -> Job:
        return Job(self, self._run(flow))

    def _events(self, cursor: Cursor) -> Iterator[Event]:
        while not cursor.done:
            try:
                with self._connections.stream(cursor.request()) as (status, chunks):
                    cursor.opened(status)
                    for chunk in chunks:
                        yield from cursor.accept(chunk)
                        if cursor.done:
                            return
                cursor.ended()
            except Unavailable as failure:
                time.sleep(cursor.pause_s(failure))
