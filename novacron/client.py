"""The client: submit jobs, follow them, read their results."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from novacron import _rows
from novacron._job import Job
from novacron._sweep_job import SweepJob
from novacron._transport import flows
from novacron._transport.endpoint import find
from novacron._transport.http import Request, Response
from novacron._transport.socket import Connections
from novacron._transport.stream import Cursor, Event
from novacron.errors import Unavailable
from novacron.groups.grouped import Grouped
from novacron.inputs.spec import Spec, described, documents_of, each_blamed, swept
from novacron.tls.handshake import Handshake

if TYPE_CHECKING:
    from novacron._rows import Rows
    from novacron._session import Session
    from novacron.answers.algorithm import Algorithms
    from novacron.answers.explanation import Explanation
    from novacron.answers.readiness import Readiness
    from novacron.results import Result

__all__ = ["Client", "Job", "SweepJob"]

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

    def submit_many(self, specs: Iterable[Spec]) -> list[Job]:
        """Submit jobs by one request: all of them are accepted, or none.

        Args:
            specs: up to 1,000 jobs, each as for `submit`.

        Raises:
            BadInput: specs break rules; nothing was written. Fields begin with the job's place, ``jobs[i]``.
        """
        given = list(specs)
        documents = documents_of(given)
        with each_blamed([partial(described, one) for one in given]):
            return [self._of(document) for document in self._run(flows.submit_many(documents))]

    def run(self, spec: Spec, timeout: float | None = None) -> Result:
        """Submit a job and return its result, in one request if that takes less than half a minute.

        Args:
            spec: as for `submit`.
            timeout: seconds; None waits as long as the job takes.

        Raises:
            BadInput, Unavailable, Denied: as for `submit`.
            JobFailed, JobCancelled: as for `Job.result`.
            StillRunning: it has not ended after `timeout` seconds; `job` finds it by its `job_id`.
        """
        from novacron import results

        with described(spec) as document:
            ended = self._run(flows.run(document, timeout))
        return results.of(ended)

    def sweep(
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
    ) -> SweepJob:
        """Run a job for many values of some of its keys; see `novacron.Sweep`.

        Args:
            job: a job, as for `submit`.
            over: dotted path of a key of the job -> its values.
            name: name in listings; by default that of the job.
            without: combinations that are left out.
            together: paths whose values move in step, not in a grid.
            start_from: path of ordered numbers along which each loop starts at its neighbour's best
                parameters.
            pick: field of the results by which the best is chosen, ``{"minimize": "energy"}`` say.
            keep_going: whether a failure leaves the other jobs alone.

        Raises:
            BadInput: one of the jobs breaks a rule; nothing was written.
        """
        with swept(
            job, over, name=name, without=without, together=together, start_from=start_from, pick=pick,
            keep_going=keep_going,
        ) as document:  # fmt: skip
            return SweepJob(self, self._run(flows.submit(document)))

    def session(self, name: str, *, idle_s: float | str | None = None) -> Session:
        """Return a session for the calls of a program, opened by ``with`` or by its first call.

        A program that died and is run again opens another run of the same name: its calls up to that point
        are answered from the cache, with the same bits.

        Args:
            name: name of the program.
            idle_s: seconds, or a duration such as ``2h``, without a call after which it ends by itself; by
                default a day. Nothing is held while it is open.
        """
        from novacron._session import Session

        return Session(self, name, idle_s)

    def job(self, job_id: str) -> Job:
        """Look up a job.

        Raises:
            NotFound: there is no such job, or it belongs to another tenant.
        """
        return self._job(flows.job(job_id))

    def jobs(
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
    ) -> list[Job]:
        """List the caller's jobs, newest first; those of sweeps and sessions only where these are given.

        Args:
            status: states, one of which they have.
            kind: kinds, one of which they have.
            tag: tags, all of which they have.
            name: pattern of the name, such as ``lih*``.
            q: text in the name, id, a tag or the error.
            sweep: id of the sweep that they belong to.
            session: id of the session that they are calls of.
            since: earliest submission.
            until: end of the time of submission.
            limit: their greatest number.
        """
        wanted = flows.jobs(
            limit, status=status, kind=kind, tag=tag, name=name, q=q, sweep=sweep, session=session,
            since=since, until=until,
        )  # fmt: skip
        return [self._of(document) for document in self._run(wanted)]

    def rows(
        self,
        job_ids: Sequence[str] | None = None,
        *,
        status: str | Sequence[str] | None = None,
        kind: str | Sequence[str] | None = None,
        tag: str | Sequence[str] | None = None,
        name: str | None = None,
        limit: int = 1000,
    ) -> Rows:
        """Return the rows of jobs: the numbers of their results, without the results.

        Args:
            job_ids: jobs in the wanted order; None for the newest that match the rest.
            status: states, one of which they have.
            kind: kinds, one of which they have.
            tag: tags, all of which they have.
            name: pattern of the name, such as ``lih*``.
            limit: their greatest number, without `job_ids`.
        """
        if job_ids is not None:
            return self._run(_rows.of(job_ids))
        return self._run(_rows.matching(limit, status=status, kind=kind, tag=tag, name=name))

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
        return self._of(self._run(flow))

    def _of(self, document: flows.Document) -> Job:
        return (SweepJob if document.get("kind") == "sweep" else Job)(self, document)

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
