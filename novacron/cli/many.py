"""`cancel`, `wait` and `compare`: several jobs at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output
from novacron.cli.jobs import Name, Tag
from novacron.errors import BadInput, Conflict

if TYPE_CHECKING:
    from novacron.client import Job

UNFINISHED = ("queued", "running")
MOST = 100_000
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Job ids.")]
LEFT_OUT = frozenset({"name", "receipt", "queue_time_s", "from_cache"})


def cancel(
    job_ids: Ids = None,
    tag: Tag = None,
    name: Name = None,
    every: Annotated[bool, typer.Option("--all", help="Cancel all jobs of the tenant.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Reason for the cancellation, stored with the jobs.")
    ] = None,
    as_json: output.AsJson = False,
) -> None:
    """Cancel jobs: by id, by tag or name, or all."""
    if sum(map(bool, (job_ids, tag or name, every))) != 1:
        raise BadInput("name jobs, or give --tag, --name or --all")
    client = output.client()
    if job_ids:
        ended = [client.job(job_id).cancel(reason) for job_id in job_ids]
    else:
        found = client.jobs(status=UNFINISHED, tag=tag, name=name, limit=MOST)
        ended = [job for job in found if _cancelled(job, reason)]
    if as_json:
        documents = [job.document for job in ended]
        return output.emit(documents[0] if job_ids and len(job_ids) == 1 else {"jobs": documents})
    for job in ended:
        output.say(f"job {job.id} {job.status}")
    if not job_ids:
        output.say(f"{len(ended):,} jobs cancelled")


def _cancelled(job: Job, reason: str | None) -> bool:
    """Cancel a job; return False if it has ended since it was listed."""
    try:
        job.cancel(reason)
    except Conflict:
        return False
    return True


def wait(
    job_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Job ids.")],
    as_json: output.AsJson = False,
) -> None:
    """Wait until jobs have ended; the exit status is 1 if one failed or was cancelled."""
    client = output.client()
    jobs = [client.job(job_id).wait() for job_id in job_ids]
    if as_json:
        output.emit({"jobs": [job.document for job in jobs]})
    else:
        for job in jobs:
            output.say(f"job {job.id} {job.status}")
    for job in jobs:
        output.end(job.document)


def compare(
    job_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Two or more job ids.")],
    as_json: output.AsJson = False,
) -> None:
    """Show where the inputs of jobs differ, and the numbers of their results."""
    if len(job_ids) < 2:
        raise BadInput("name two or more jobs", field="ID")
    client = output.client()
    documents = [client.job(job_id).document for job_id in job_ids]
    inputs = [dict(_leaves("", document.get("spec") or {})) for document in documents]
    results = [dict(_leaves("", document.get("result") or {})) for document in documents]
    rows = [*_rows(inputs, differing=True), *_rows(results, differing=False)]
    if as_json:
        told = [{"field": field, "values": row} for field, row in rows]
        return output.emit({"jobs": job_ids, "rows": told})
    from novacron.cli import tables

    table = tables.table_of("", *job_ids)
    table.add_row("status", *(document["status"] for document in documents))
    for field, row in rows:
        table.add_row(field, *("" if value is None else tables.number(value, 12) for value in row))
    output.console().print(table)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the numbers, flags and texts in nested mappings by dotted path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if path or name not in LEFT_OUT:
                yield from _leaves(f"{path}.{name}" if path else name, inner)
    elif value is not None and not isinstance(value, list):
        yield path, str(value) if isinstance(value, bool) else value


def _rows(found: list[dict[str, Any]], *, differing: bool) -> Iterator[tuple[str, list[Any]]]:
    """Yield each field with its value in every job."""
    for field in dict.fromkeys(field for one in found for field in one):
        row = [one.get(field) for one in found]
        if not differing or any(value != row[0] for value in row):
            yield field, row
