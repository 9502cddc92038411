"""What the client asks of a job's log."""

from __future__ import annotations

from novacron._transport import http
from novacron._transport.flows import JOBS, OUTAGE_S, PAGE, Flow, call
from novacron.answers.log_line import Log, LogLine


def log(job_id: str, after: int = 0) -> Flow[Log]:
    """Return the lines kept of a job with numbers above `after`, over as many pages as that takes.

    A scheduler that is away for a minute is borne.
    """
    path, found = f"{JOBS}/{http.segment(job_id)}/logs", Log()
    reached: int | None = after
    while reached is not None:
        page = yield from call(http.get(path, {"limit": PAGE, "after": reached}), OUTAGE_S)
        found.extend(LogLine(line) for line in page["lines"])
        found.ended, reached = page["ended"], page["next"]
    return found
