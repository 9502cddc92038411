"""A submitted sweep, as returned by both clients."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron import _rows
from novacron._async_job import AsyncJob
from novacron._job import Job
from novacron._transport import flows
from novacron._view import JobView
from novacron.inputs.spec import axes

if TYPE_CHECKING:
    from novacron._rows import Rows
    from novacron.answers.row import Row
    from novacron.plots.drawing import Picture


class SweepView(JobView):
    """What is known of a sweep without a request."""

    @property
    def n_jobs(self) -> int:
        """Number of its jobs."""
        return int(self.document["n_jobs"])

    @property
    def job(self) -> dict[str, Any]:
        """The job that is run for all values, empty if the document came from a listing."""
        found: dict[str, Any] = (self.document.get("spec") or {}).get("job") or {}
        return found

    @property
    def best(self) -> dict[str, Any] | None:
        """The best job: ``job_id``, ``coordinates`` and ``value``; None before the end or without a value."""
        found: dict[str, Any] | None = (self.document.get("result") or {}).get("best")
        return found


class SweepJob(SweepView, Job):
    """A submitted sweep: a job whose work is other jobs."""

    def rows(self) -> Rows:
        """List its jobs in order, with the numbers of their results."""
        return self._client._run(_rows.rows(self.id))

    def frame(self) -> Any:
        """Return a table with a row per job: coordinates, status, values of the result, cost.

        A data frame of pandas or Polars if one of them is installed, else a list of dicts.
        """
        return self.rows().frame()

    def curve(
        self, x: str, y: str, *, by: str | None = None, path: str | PathLike[str] | None = None
    ) -> Picture:
        """Draw one column of the table over another, a line per value of `by`; see `Rows.curve`."""
        return self.rows().curve(x, y, by=by, path=path)

    def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw what the jobs optimize over an axis of numbers, once all have ended; see `Job.plot`."""
        return _rows.plot(self.wait().document, self.rows(), path)

    @property
    def failed(self) -> list[Row]:
        """The rows of the jobs that failed."""
        return [row for row in self.rows() if row["status"] == "failed"]

    def extend(self, over: Mapping[str, Any]) -> SweepJob:
        """Submit the sweep with further values of its axes; only the new jobs are run. Return the new sweep.

        Raises:
            BadInput: it is not swept over a path, or one of the jobs breaks a rule.
        """
        return SweepJob(self._client, self._client._run(flows.extend(self.id, axes(over, self.job))))

    def retry_failed(self) -> SweepJob:
        """Submit the sweep again; only the jobs that did not complete are run. Return the new sweep.

        Raises:
            Conflict: none has failed.
        """
        return SweepJob(self._client, self._client._run(flows.retry(self.id)))


class AsyncSweepJob(SweepView, AsyncJob):
    """A submitted sweep; see `SweepJob`."""

    async def rows(self) -> Rows:
        """List its jobs in order; see `SweepJob.rows`."""
        return await self._client._run(_rows.rows(self.id))

    async def frame(self) -> Any:
        """Return a table with a row per job; see `SweepJob.frame`."""
        return (await self.rows()).frame()

    async def curve(
        self, x: str, y: str, *, by: str | None = None, path: str | PathLike[str] | None = None
    ) -> Picture:
        """Draw one column of the table over another; see `Rows.curve`."""
        return (await self.rows()).curve(x, y, by=by, path=path)

    async def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw what the jobs optimize over an axis of numbers; see `SweepJob.plot`."""
        return _rows.plot((await self.wait()).document, await self.rows(), path)

    @property
    async def failed(self) -> list[Row]:
        """The rows of the jobs that failed."""
        return [row for row in await self.rows() if row["status"] == "failed"]

    async def extend(self, over: Mapping[str, Any]) -> AsyncSweepJob:
        """Submit the sweep with further values of its axes; only the new jobs are run. Return the new sweep.

        Raises:
            BadInput: it is not swept over a path, or one of the jobs breaks a rule.
        """
        return AsyncSweepJob(
            self._client, await self._client._run(flows.extend(self.id, axes(over, self.job)))
        )

    async def retry_failed(self) -> AsyncSweepJob:
        """Submit the sweep again; only the jobs that did not complete are run. Return the new sweep.

        Raises:
            Conflict: none has failed.
        """
        return AsyncSweepJob(self._client, await self._client._run(flows.retry(self.id)))
