"""Log lines of a job."""

from __future__ import annotations

from datetime import datetime

from novacron.answers.answer import Answer, Listing


class LogLine(Answer, shown=("number", "time", "level", "event", "task", "attempt")):
    """One line that the scheduler or a worker logged about a job.

    Attributes:
        number: increases in the order in which the job's lines were kept.
        time: when it was logged, by the clock of who did.
        level: `debug`, `info`, `warning`, `error` or `critical`.
        logger: the program's part that logged it.
        event: one word for what happened, or the text of a library's line.
        task: id of the task that logged it; null where none did, as for the fields below.
        attempt: of that task.
        queue: whose worker it was; of a plan the queue that was chosen.
        worker: its name.
        trace_id: of the trace that was under way.
        exception: the traceback, or the end of a long one.
        facts: what else the line says, by name.
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
