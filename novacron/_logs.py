"""Client requests for a job's log."""

from __future__ import annotations

from novacron._transport import http
from novacron._transport.flows import JOBS, OUTAGE_S, PAGE, Flow, call
from novacron.answers.log_line import Log, LogLine


def log(job_id: str, after: int = 0) -> Flow[Log]:
    """Return a job's stored log lines with numbers above `after`, fetching as many pages as needed.

    Retries for up to a minute while the scheduler is unavailable.
    """
    path, found = f"{JOBS}/{http.segment(job_id)}/logs", Log()
    reached: int | None = after
    while reached is not None:
        page = yield from call(http.get(path, {"limit": PAGE, "after": reached}), OUTAGE_S)
        found.extend(LogLine(line) for line in page["lines"])
        found.ended, reached = page["ended"], page["next"]
    return found
