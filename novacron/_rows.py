"""Client requests for the jobs of a sweep, and their rows as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module, util
from statistics import fmean, stdev
from typing import Any

from novacron._transport import http
from novacron._transport.flows import JOBS, OUTAGE_S, Flow, call
from novacron.answers.answer import Listing
from novacron.answers.row import Row
from novacron.errors import BadInput

PAGE = 5000
COST = ("wall_time_s", "cpu_s")
FRAMES = ("pandas", "polars")
"""Libraries for data frames, in order of preference."""


def rows(sweep: str) -> Flow[Listing[Row]]:
    """Return the rows of all jobs of a sweep in order, fetching as many pages as needed."""
    path, found = f"{JOBS}/{http.segment(sweep)}/table", Listing[Row]()
    reached: int | None = -1
    while reached is not None:
        page = yield from call(http.get(path, {"limit": PAGE, "after": reached}), OUTAGE_S)
        found.extend(map(Row, page["rows"]))
        reached = page["next"]
    return found


def flat(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with one column per coordinate, then the status, the values of the results and costs.

    All rows have the same columns; what a job does not have is None. A value with the name of a coordinate is
    called `result.<name>`.
    """
    made = [_flat(row) for row in found]
    columns = dict.fromkeys(column for row in made for column in row)
    last = [column for column in (*COST, "from_cache", "job_id", "error_message") if column in columns]
    order = [column for column in columns if column not in last] + last
    return [{column: row.get(column) for column in order} for row in made]


def grouped(
    rows: Sequence[Mapping[str, Any]], by: Sequence[str], mean: Sequence[str], std: Sequence[str]
) -> list[dict[str, Any]]:
    """Return a row per combination of values of some columns: their number, means and standard deviations.

    Cells without a number are left out; the deviation is that of a sample (n - 1), None for a single number.

    Args:
        rows: flat rows.
        by: the columns.
        mean: columns of numbers to average.
        std: columns of numbers to give the deviation of.

    Raises:
        BadInput: there is no such column.
    """
    known = list(rows[0]) if rows else []
    for column in (*by, *mean, *std):
        if rows and column not in known:
            raise BadInput("is no column", value=column, hint="columns: " + ", ".join(known))
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in by), []).append(row)
    return [
        dict(zip(by, values, strict=True))
        | {"n": len(found)}
        | {f"{column} mean": _mean(_numbers(found, column)) for column in mean}
        | {f"{column} std": _deviation(_numbers(found, column)) for column in std}
        for values, found in groups.items()
    ]


def _numbers(rows: Iterable[Mapping[str, Any]], column: str) -> list[float]:
    return [row[column] for row in rows if isinstance(row[column], int | float)]


def _mean(numbers: Sequence[float]) -> float | None:
    return fmean(numbers) if numbers else None


def _deviation(numbers: Sequence[float]) -> float | None:
    return stdev(numbers) if len(numbers) > 1 else None


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    coordinates = {path: _plain(value) for path, value in row["coordinates"].items()}
    values = {
        f"result.{name}" if name in coordinates else name: value
        for name, value in (row["result"] or {}).items()
    }
    rest = {name: row[name] for name in (*COST, "from_cache", "job_id", "error_message")}
    return {**coordinates, "status": row["status"], **values, **rest}


def _plain(value: Any) -> Any:
    """Return a coordinate for a cell: the name of a mapping that has one."""
    if isinstance(value, Mapping):
        return value.get("name") or str(dict(value))
    return str(value) if isinstance(value, list) else value


def frame(found: Iterable[Mapping[str, Any]]) -> Any:
    """Return the flat rows as a data frame of pandas or Polars where installed, else as a list."""
    made = flat(found)
    name = next((name for name in FRAMES if util.find_spec(name)), None)
    if name is None:
        return made
    library = import_module(name)
    return library.DataFrame(made) if name == "pandas" else library.from_dicts(made, infer_schema_length=None)
