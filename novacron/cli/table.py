"""`table`: jobs, those of a sweep say, with the numbers of their results."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron import _frames, _table
from novacron.cli import output
from novacron.cli.jobs import Kind, Name, Status, Tag
from novacron.errors import BadInput

if TYPE_CHECKING:
    from rich.table import Table

    from novacron._rows import Rows

Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID...", help="Id of a sweep, or of one or more other jobs.")
]
COUNTS = ("n_jobs", "n_completed", "n_failed", "n_cached")
SHOWN_ROWS = 200
REASONS = 3
"""Most different reasons of failures that are told."""
SHOWN = frozenset({"status", "job_id"})
TOLD_FIRST = frozenset({
    "energy", "error_mha", "best_value", "approximation_ratio", "train_accuracy", "test_accuracy",
    "n_evaluations", "converged", "n_jobs", "n_completed", "n_failed",
})  # fmt: skip
"""What the kinds of jobs are run for, shown before other columns."""
HIDDEN = frozenset({"cpu_s", "evaluation", "start"})
GAP = 2
"""Blanks between columns."""


def table(
    job_ids: Ids = None,
    kind: Kind = None,
    status: Status = None,
    tag: Tag = None,
    name: Name = None,
    limit: Annotated[int, typer.Option(min=1, help="Without ids: maximum number of jobs.")] = 1000,
    as_json: output.AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_parquet: Annotated[
        Path | None, typer.Option("--parquet", metavar="FILE", help="Write a Parquet file.")
    ] = None,
    force: output.Force = False,
    by: Annotated[list[str] | None, typer.Option(help="A row per value of this column; repeatable.")] = None,
    mean: Annotated[
        list[str] | None, typer.Option(help="With --by: the mean of this column; repeatable.")
    ] = None,
    std: Annotated[
        list[str] | None, typer.Option(help="With --by: the standard deviation of this column; repeatable.")
    ] = None,
) -> None:
    """Show a sweep, or jobs of any kind, as a table: coordinates, status, values of the results, cost."""
    filters = {"kind": kind, "status": status, "tag": tag, "name": name}
    if bool(job_ids) == any(filters.values()):
        raise BadInput("name a sweep or jobs, or give --kind, --status, --tag or --name", field="ID")
    if sum(map(bool, (as_json, as_csv, as_parquet))) > 1:
        raise BadInput("give one of --json, --csv, --parquet")
    destination = output.chosen(as_parquet, force, field="--parquet")
    found, counts = _rows_of(job_ids, filters, limit)
    rows = found.flat()
    if by or mean or std:
        rows = _table.grouped(rows, by or [], mean or [], std or [])
    if destination is not None:
        destination.write(_frames.parquet(rows))
        return output.told(destination)
    if as_json:
        return output.emit({**counts, "rows": rows})
    if as_csv:
        return output.say(_csv(rows), end="")
    shown = _shown(rows[:SHOWN_ROWS], output.console().width)
    output.console().print(_drawn(rows[:SHOWN_ROWS], shown))
    reasons = Counter(row.error_message for row in found if row.status == "failed")
    for message, n in reasons.most_common(REASONS):
        output.say(f"{n:,} failed: {message}")
    told = [_counted(counts) if counts else f"{len(found):,} jobs"]
    told += [f"the first {SHOWN_ROWS} shown"] if len(rows) > SHOWN_ROWS else []
    hidden = [column for column in (rows[0] if rows else ()) if column not in shown]
    output.say(", ".join(told) + (f"; further columns: {', '.join(hidden)}" if hidden else ""))


def _rows_of(
    job_ids: list[str] | None, filters: Mapping[str, Any], limit: int
) -> tuple[Rows, dict[str, Any]]:
    """Return the rows of the jobs of one sweep with its counts, or of jobs by id or filter."""
    from novacron.client import SweepJob

    client = output.client()
    if not job_ids:
        return client.rows(limit=limit, **filters), {}
    sweep = client.job(job_ids[0]) if len(job_ids) == 1 else None
    if not isinstance(sweep, SweepJob):
        return client.rows(job_ids), {}
    counts = {column: sweep.document[column] for column in COUNTS}
    return sweep.rows(), {"job_id": sweep.id, "status": sweep.status, **counts}


def _counted(document: Mapping[str, Any]) -> str:
    told = (f"{document[f'n_{name}']:,} {name}" for name in ("completed", "failed", "cached"))
    return f"{document['n_jobs']:,} jobs: {', '.join(told)}"


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _drawn(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Table:
    from novacron.cli import tables

    made = tables.table_of(*columns)
    for row in rows:
        made.add_row(*(_cell(row[column]) for column in columns))
    return made


def _shown(rows: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    """Return the shown columns: coordinates, status, id, and of the others those that tell and fit."""
    columns = list(rows[0]) if rows else []
    first = columns.index("status") if "status" in columns else len(columns)
    kept = {*columns[:first], *(column for column in columns if column in SHOWN)}
    telling = [column for column in columns[first:] if column not in kept and _tells(column, rows)]
    left = width - sum(_width(column, rows) for column in kept)
    for column in sorted(telling, key=lambda column: column not in TOLD_FIRST):
        if (left := left - _width(column, rows)) >= 0:
            kept.add(column)
    return [column for column in columns if column in kept]


def _width(column: str, rows: Sequence[Mapping[str, Any]]) -> int:
    return GAP + max(len(column), *(len(_cell(row[column])) for row in rows))


def _tells(column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a column of results or cost tells something: no texts, nothing equal in all rows."""
    values = [row[column] for row in rows]
    told = column in TOLD_FIRST or any(value != values[0] for value in values)
    return told and column not in HIDDEN and not any(isinstance(one, str) for one in values)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else "yes" if value else "no"
    return f"{value:.8g}" if isinstance(value, float) else str(value)
