"""A submitted sweep, as returned by both clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from novacron import _rows
from novacron._async_job import AsyncJob
from novacron._job import Job
from novacron._view import JobView

if TYPE_CHECKING:
    from novacron.answers.answer import Listing
    from novacron.answers.row import Row


class SweepView(JobView):
    """What is known of a sweep without a request."""

    @property
    def n_jobs(self) -> int:
        """Number of its jobs."""
        return int(self.document["n_jobs"])

    @property
    def best(self) -> dict[str, Any] | None:
        """The best job: ``job_id``, ``coordinates`` and ``value``; None before the end or without a value."""
        found: dict[str, Any] | None = (self.document.get("result") or {}).get("best")
        return found


class SweepJob(SweepView, Job):
    """A submitted sweep: a job whose work is other jobs."""

    def rows(self) -> Listing[Row]:
        """List its jobs in order, with the numbers of their results."""
        return self._client._run(_rows.rows(self.id))

    def frame(self) -> Any:
        """Return a table with a row per job: coordinates, status, values of the result, cost.

        A data frame of pandas or Polars if one of them is installed, else a list of dicts.
        """
        return _rows.frame(self.rows())

    @property
    def failed(self) -> list[Row]:
        """The rows of the jobs that failed."""
        return [row for row in self.rows() if row["status"] == "failed"]


class AsyncSweepJob(SweepView, AsyncJob):
    """A submitted sweep; see `SweepJob`."""

    async def rows(self) -> Listing[Row]:
        """List its jobs in order; see `SweepJob.rows`."""
        return await self._client._run(_rows.rows(self.id))

    async def frame(self) -> Any:
        """Return a table with a row per job; see `SweepJob.frame`."""
        return _rows.frame(await self.rows())

    @property
    async def failed(self) -> list[Row]:
        """The rows of the jobs that failed."""
        return [row for row in await self.rows() if row["status"] == "failed"]
