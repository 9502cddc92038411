"""Log lines of a job."""

from __future__ import annotations

from datetime import datetime

from novacron.answers.answer import Answer, Listing


class LogLine(Answer, shown=("number", "time", "level", "event", "task", "attempt")):
    """One line that the scheduler or a worker logged about a job.

    Attributes:
        number: increases in the order in which the job's lines were stored.
        time: time of the line, by the logging process's clock.
        level: `debug`, `info`, `warning`, `error` or `critical`.
        logger: component that logged it.
        event: short name of the event, or the text of a library's log message.
        task: id of the task that logged it; null if none did, as are the fields below.
        attempt: attempt of that task.
        queue: queue of its worker; for planning, the selected queue.
        worker: name of its worker.
        trace_id: id of the active trace.
        exception: traceback; only the end of a long one.
        facts: further fields of the line, by name.
    """

    number: int
    time: datetime
    level: str
    logger: str
    event: str
    task: int | None
    attempt: int | None
    queue: str | None
    worker: str | None
    trace_id: str | None
    exception: str | None
    facts: dict[str, bool | int | float | str]


class Log(Listing[LogLine]):
    """Lines of a job, oldest first.

    Attributes:
        ended: whether the job has ended and no line follows.
    """

    ended: bool = False
