"""A submitted job, as returned by `Client`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from novacron._transport import flows
from novacron._transport.stream import Cursor, Event, references
from novacron._view import JobView, known, written

if TYPE_CHECKING:
    from novacron.answers.answer import Listing
    from novacron.answers.log_line import Log
    from novacron.answers.task import Task
    from novacron.client import Client
    from novacron.plots.drawing import Picture
    from novacron.results import Result


class Job(JobView):
    """A submitted job. Its properties show the last known state; `refresh` fetches the current one."""

    def __init__(self, client: Client, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self._client = client

    def refresh(self) -> Job:
        """Fetch the job's current state; return this job."""
        self.document = self._client._run(flows.job(self.id))
        return self

    def wait(self, timeout: float | None = None) -> Job:
        """Wait until the job has ended in any state; return this job.

        Raises:
            StillRunning: it has not ended after `timeout` seconds.
        """
        if not (self.ended and "result" in self.document):
            self.document = self._client._run(flows.wait(self.id, timeout))
        return self

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the job and return its result, of the class for its kind in `novacron.results`.

        Raises:
            JobFailed: it failed; the message is the cause.
            JobCancelled: it was cancelled.
            StillRunning: it has not ended after `timeout` seconds.
        """
        from novacron import results

        return results.of(self.wait(timeout).document)

    def stream(self, from_: int = 1, *, follow: bool = True) -> Iterator[Event]:
        """Iterate over the job's events from number `from_`, each once and in order, until the job ends.

        A broken stream is resumed where it broke. Without `follow`, stop at the newest event.

        Raises:
            Unavailable: no scheduler answered for a minute.
        """
        return self._client._events(Cursor(self.id, from_, follow=follow))

    def tasks(self, *, limit: int | None = None) -> Listing[Task]:
        """List the job's tasks in creation order, fetching as many pages as needed.

        Each has its ``task_id``, ``name``, ``operation``, ``queue``, ``state``, ``attempts``, ``failures``,
        ``worker``, times, ``error``, and in ``depends_on`` the ids of the tasks whose results it takes.

        Args:
            limit: maximum number of tasks; None lists all.
        """
        from novacron._tasks import tasks

        return self._client._run(tasks(self.id, limit))

    def logs(self, *, after: int = 0) -> Log:
        """List the last lines that the scheduler and workers logged about the job, oldest first.

        The last 200 are kept; ``ended`` of the return value says whether the job has ended and no line
        follows.

        Args:
            after: only lines with greater numbers, for example those added since the last call.
        """
        from novacron._logs import log

        return self._client._run(log(self.id, after))

    def cancel(self, reason: str | None = None) -> Job:
        """Cancel the job; return this job.

        Args:
            reason: why, up to 200 characters, shown to whoever reads the job later.

        Raises:
            Conflict: it had already ended.
        """
        self.document = self._client._run(flows.cancel(self.id, reason))
        return self

    def tag(self, *tags: str) -> Job:
        """Replace the job's tags; return this job."""
        self.document = self._client._run(flows.tag(self.id, tags))
        return self

    def predict(self, data: Any, timeout: float | None = None) -> list[Any]:
        """Wait for the job and return its trained model's predicted classes for new samples, in their order.

        They are computed by a separate job, with the feature scaling fitted in training.

        Args:
            data: rows of numbers with the columns in the order of the training data, a mapping or data frame
                of columns by name, or the path of a CSV file.
            timeout: seconds to wait for each of the two jobs.

        Raises:
            BadInput: the job trained no model, or columns are missing, unknown or no numbers.
            JobFailed: the training or the prediction failed.
            StillRunning: it has not ended after `timeout` seconds.
        """
        from novacron.inputs import prediction

        self.result(timeout)
        asked = self._client.submit(prediction.job_of(self.document, data))
        return list(asked.result(timeout).value["predictions"])

    def replay(self) -> Job:
        """Run the job again without the cache; return the new job."""
        return Job(self._client, self._client._run(flows.replay(self.id)))

    def retry(self) -> Job:
        """Submit the job again after it failed or was cancelled; return the new job.

        Raises:
            Conflict: it did not fail.
        """
        return Job(self._client, self._client._run(flows.retry(self.id)))

    def references(self) -> dict[str, float]:
        """Return the known reference values: ``e_hf``, ``e_exact`` or ``optimum``."""
        return known(self.document) or references(self.stream(follow=False))

    def plot(self, path: str | PathLike[str] | None = None) -> Picture:
        """Draw the result once the job has completed; write it as PNG where a path is given.

        Raises:
            JobFailed: it failed; the message is the cause.
            JobCancelled: it was cancelled.
            BadInput: matplotlib is not installed, or this result has nothing to draw.
        """
        from novacron.plots import drawing

        return drawing.draw(self.wait().document, self.references(), path)

    def export(self, path: str | PathLike[str] | None = None, *, circuit: str = "qasm3") -> bytes:
        """Return the job's circuit with its optimized parameters, once it has completed; write it to `path`.

        Args:
            path: the file to write, where one is wanted.
            circuit: `qasm3` for OpenQASM 3 text in UTF-8, `qpy` for Qiskit's format.

        Raises:
            JobFailed: it failed; the message is the cause.
            JobCancelled: it was cancelled.
            BadInput: its result is no single circuit, or the format is unknown.
        """
        self.result()
        return written(self._client._run(flows.circuit(self.id, circuit)), path)
