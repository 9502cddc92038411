"""What is known of a job without a request: the part that Job and AsyncJob share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from os import PathLike
from typing import Any

from novacron import destination
from novacron._text import on_one_line, printable
from novacron._transport.stream import ENDED


class JobView:
    """A job as the scheduler last described it; `document` is that description."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: dict[str, Any] = dict(document)

    @property
    def id(self) -> str:
        """The job's id."""
        return str(self.document["job_id"])

    @property
    def kind(self) -> str:
        """The job's kind, ``hybrid_vqe`` for instance."""
        return str(self.document["kind"])

    @property
    def name(self) -> str | None:
        """The name given by its submitter."""
        name = self.document.get("name")
        return None if name is None else str(name)

    @property
    def status(self) -> str:
        """``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``, when last fetched."""
        return str(self.document["status"])

    @property
    def ended(self) -> bool:
        """Whether it had ended when last fetched."""
        return self.status in ENDED

    @property
    def progress(self) -> float:
        """Completed share of the work, 0 to 1, when last fetched."""
        return float(self.document.get("progress") or 0.0)

    @property
    def error_message(self) -> str | None:
        """Why it failed, or who cancelled it."""
        message = self.document.get("error_message")
        return None if message is None else str(message)

    def __repr__(self) -> str:
        parts = (self.id, self.kind, self.status, repr(self.name) if self.name else "")
        return on_one_line(f"<{type(self).__name__} {' '.join(filter(None, parts))}>")

    def _repr_html_(self) -> str:
        cells = [self.id, self.name or "", self.kind, self.status, f"{self.progress:.0%}"]
        best = self.document.get("best_value")
        if best is not None:
            cells.append(f"best {best:.8g}")
        if self.error_message:
            cells.append(self.error_message)
        return (
            "<table><tr>" + "".join(f"<td>{escape(printable(cell))}</td>" for cell in cells) + "</tr></table>"
        )


def written(data: bytes, path: str | PathLike[str] | None) -> bytes:
    """Return the data, and write them to the file at `path` if given.

    Raises:
        BadInput: the file cannot be written.
    """
    if path is not None:
        destination.write(path, data)
    return data


def ending(job: Mapping[str, Any]) -> str:
    """Return one sentence on how a job without a result ended.

    `job 7f failed: <message>`, `job 7f was cancelled by the token "<name>": <reason>`.
    """
    reason = cause(job)
    if job["status"] == "cancelled":
        return f"job {job['job_id']} was {reason or 'cancelled'}{_when(job.get('finished_at'))}"
    return f"job {job['job_id']} {job['status']}" + (f": {reason}" if reason else "")


def _when(moment: str | None) -> str:
    """Return a time in parentheses, to the second, as in the API; empty where there is none."""
    if not moment:
        return ""
    return f" ({datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"


def cause(job: Mapping[str, Any]) -> str:
    """Return why a job ended as it did; empty where the document does not say."""
    return str(job.get("error_message") or (job.get("error") or {}).get("message") or "")


def known(job: Mapping[str, Any]) -> dict[str, float]:
    """Return the reference values in a job's document: ``e_hf``, ``e_exact``, ``optimum``."""
    spec, result = job.get("spec") or {}, job.get("result") or {}
    sources = ((spec.get("hamiltonian") or {}), result)
    names = ("e_hf", "e_exact", "optimum")
    return {name: source[name] for source in sources for name in names if source.get(name) is not None}
