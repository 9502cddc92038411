"""Sessions: calls of one program."""

from __future__ import annotations

from datetime import datetime

from novacron.answers.answer import Answer

RUNS = {2: "the first run"}


class Session(Answer, shown=("session_id", "name", "run", "status", "n_calls", "n_earlier")):
    """A session with the numbers of its calls and where its time went.

    Attributes:
        session_id: id of the session.
        name: name of the program.
        run: which of the sessions of this name it is, from 1.
        status: `open` or `ended`.
        created_at: time at which it was opened.
        last_call_at: time of the last call.
        ended_at: when its program ended it, or its idle time was over; null while it is open.
        idle_s: seconds without a call after which it ends by itself.
        opened_by: name of the token that opened it.
        n_calls: number of calls.
        n_completed: number of these that completed.
        n_failed: number of these that failed.
        n_cancelled: number of these that were cancelled.
        n_cached: number of calls whose answer was known.
        n_earlier: number of these that earlier runs had received, too.
        queue_s: seconds for which calls waited to start.
        worker_s: seconds for which calls ran.
        client_s: seconds in the program itself, between the end of the calls before and the next one.
        qpu_s: seconds of providers' devices used or reserved.
        usd: their price in US dollars; null if a price is unknown.
    """

    session_id: str
    name: str
    run: int
    status: str
    created_at: datetime
    last_call_at: datetime
    ended_at: datetime | None
    idle_s: float
    opened_by: str
    n_calls: int
    n_completed: int
    n_failed: int
    n_cancelled: int
    n_cached: int
    n_earlier: int
    queue_s: float
    worker_s: float
    client_s: float
    qpu_s: float
    usd: float | None

    @property
    def summary(self) -> str:
        """The calls in words: ``412 calls, 300 served from the first run``."""
        calls, earlier = self["n_calls"], self["n_earlier"]
        told = [f"{calls:,} call{'' if calls == 1 else 's'}"]
        if earlier:
            told.append(f"{earlier:,} served from {RUNS.get(self['run'], 'earlier runs')}")
        if others := self["n_cached"] - earlier:
            told.append(f"{others:,} served from the cache")
        if failed := self["n_failed"] + self["n_cancelled"]:
            told.append(f"{failed:,} failed or cancelled")
        return ", ".join(told)


class Call(Answer, shown=("position", "job_id", "status", "from_cache", "value")):
    """A call of a session: a job.

    Attributes:
        position: its place in the session, from 0.
        job_id: id of the job.
        name: name of the job.
        status: state of the job.
        from_cache: whether the answer was known.
        queue_time_s: seconds from the call to its start; null before.
        wall_time_s: seconds from the start to the end; null before.
        error_message: why it failed.
        value: first number of the answer: the energy, the first expectation value; null if it has none.
    """

    position: int
    job_id: str
    name: str
    status: str
    from_cache: bool
    queue_time_s: float | None
    wall_time_s: float | None
    error_message: str | None
    value: float | None
