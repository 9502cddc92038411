"""`tasks`: a job's tasks and their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron.cli import output

if TYPE_CHECKING:
    from rich.table import Table


def tasks(
    job_id: output.JobId,
    limit: Annotated[int | None, typer.Option(min=1, help="Maximum number of tasks; all if omitted.")] = None,
    as_json: output.AsJson = False,
) -> None:
    """List a job's tasks in creation order."""
    found = output.client().job(job_id).tasks(limit=limit)
    if as_json:
        return output.emit({"tasks": found})
    output.console().print(_table(found))


def _table(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one task per row; times are UTC."""
    from novacron.cli import tables

    table = tables.table_of(
        "task", "operation", "queue", "state", "tries", "worker", "started (UTC)", "took", "after"
    )
    for task in found:
        started = str(task["started_at"] or "")[5:19].replace("T", " ")
        table.add_row(
            str(task["task_id"]), task["operation"], task["queue"], task["state"], str(task["attempts"]),
            task["worker"] or "", started, _took(task), _after(task["depends_on"]),
        )  # fmt: skip
    return table


def _took(task: Mapping[str, Any]) -> str:
    if task["started_at"] is None or task["finished_at"] is None:
        return ""
    begin, end = (datetime.fromisoformat(task[name]) for name in ("started_at", "finished_at"))
    return f"{(end - begin).total_seconds():.3f} s"


def _after(parents: list[int]) -> str:
    """Return the predecessors; of many, the first, the last and their number."""
    if len(parents) <= 4:
        return ", ".join(map(str, parents))
    return f"{parents[0]} ... {parents[-1]} ({len(parents)})"
