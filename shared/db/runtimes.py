"""Recorded run times of jobs by shape, used by estimates."""

from __future__ import annotations

from dataclasses import dataclass

from shared.db.session import Connection


@dataclass(frozen=True, slots=True)
class Experience:
    """Statistics of past runs of one shape, in seconds; a single run has no spread.

    Attributes:
        n: Number of runs.
        mean_s: Their mean.
        deviation_s: Their standard deviation, None for one.
        least_s: The shortest, None for one.
        most_s: The longest, None for one.
    """

    n: int
    mean_s: float
    deviation_s: float | None = None
    least_s: float | None = None
    most_s: float | None = None


def recall(connection: Connection, shape: str) -> Experience | None:
    """Return the statistics of a shape."""
    row = connection.execute(
        "SELECT n, mean_s, m2, least_s, most_s FROM runtimes WHERE shape = %s", (shape,)
    ).fetchone()
    if row is None:
        return None
    n, mean_s, m2, least_s, most_s = row
    return Experience(n, mean_s, (m2 / (n - 1)) ** 0.5, least_s, most_s) if n > 1 else Experience(n, mean_s)


def backlog_s(connection: Connection, queue: str) -> float:
    """Return the seconds until a new task of this queue would start: work ahead of it per live slot."""
    row = connection.execute("SELECT seconds FROM queue_load(%s)", (queue,)).fetchone()
    return float(row[0]) if row else 0.0


class Forecast:
    """Run times and backlogs as of now: each is queried once, however many jobs are planned.

    Args:
        connection: any connection.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._experiences: dict[str, Experience | None] = {}
        self._backlogs: dict[str, float] = {}

    def recall(self, shape: str) -> Experience | None:
        """See `recall`."""
        if shape not in self._experiences:
            self._experiences[shape] = recall(self._connection, shape)
        return self._experiences[shape]

    def backlog_s(self, queue: str) -> float:
        """See `backlog_s`."""
        if queue not in self._backlogs:
            self._backlogs[queue] = backlog_s(self._connection, queue)
        return self._backlogs[queue]
