"""`table`: the jobs of a sweep, with the numbers of their results."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from novacron import _rows
from novacron.cli import output
from novacron.errors import BadInput

if TYPE_CHECKING:
    from rich.table import Table

    from novacron.client import SweepJob

COUNTS = ("n_jobs", "n_completed", "n_failed", "n_cached")
SHOWN_ROWS = 200
SHOWN = frozenset({"status", "job_id"})
HIDDEN = frozenset({"cpu_s"})


def table(
    sweep_id: Annotated[str, typer.Argument(metavar="SWEEP", help="Id of a sweep.")],
    as_json: output.AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    by: Annotated[list[str] | None, typer.Option(help="A row per value of this column; repeatable.")] = None,
    mean: Annotated[
        list[str] | None, typer.Option(help="With --by: the mean of this column; repeatable.")
    ] = None,
    std: Annotated[
        list[str] | None, typer.Option(help="With --by: the standard deviation of this column; repeatable.")
    ] = None,
) -> None:
    """Show the jobs of a sweep: coordinates, status, values of the results, cost."""
    found = _sweep(sweep_id)
    rows = _rows.flat(found.rows())
    if by or mean or std:
        rows = _rows.grouped(rows, by or [], mean or [], std or [])
    if as_json:
        counts = {name: found.document[name] for name in COUNTS}
        return output.emit({"job_id": found.id, "status": found.status, **counts, "rows": rows})
    if as_csv:
        return output.say(_csv(rows), end="")
    output.console().print(_table(rows))
    output.say(
        _counted(found.document) + (f", the first {SHOWN_ROWS} shown" if len(rows) > SHOWN_ROWS else "")
    )


def _sweep(sweep_id: str) -> SweepJob:
    from novacron.client import SweepJob

    found = output.client().job(sweep_id)
    if not isinstance(found, SweepJob):
        raise BadInput(f"is a {found.kind} job, not a sweep", field="SWEEP", value=sweep_id)
    return found


def _counted(document: Mapping[str, Any]) -> str:
    told = (f"{document[f'n_{name}']:,} {name}" for name in ("completed", "failed", "cached"))
    return f"{document['n_jobs']:,} jobs: {', '.join(told)}"


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    from novacron.cli import tables

    columns = list(rows[0]) if rows else []
    first = columns.index("status") if "status" in columns else len(columns)
    columns = [column for k, column in enumerate(columns) if k < first or _tells(column, rows)]
    made = tables.table_of(*columns)
    for row in rows[:SHOWN_ROWS]:
        made.add_row(*(_cell(row[column]) for column in columns))
    return made


def _tells(column: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a column beside the coordinates is shown: not texts, nor what is equal in all rows."""
    if column in SHOWN or column in HIDDEN:
        return column in SHOWN
    values = [row[column] for row in rows]
    return any(value != values[0] for value in values) and not any(isinstance(one, str) for one in values)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else "yes" if value else "no"
    return f"{value:.8g}" if isinstance(value, float) else str(value)
