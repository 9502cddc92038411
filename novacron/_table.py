"""Rows of jobs as a flat table: one column per coordinate, value and cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from novacron.errors import BadInput

COST = ("wall_time_s", "cpu_s")


def flat(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with one column per coordinate, then the status, the values of the results and costs.

    Jobs of no sweep have their name and kind as coordinates. All rows have the same columns; what a job does
    not have is None. A value with the name of a coordinate is called `result.<name>`.
    """
    made = [_flat(row) for row in _labelled(found)]
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
    check(rows, (*by, *mean, *std))
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
    return [row[column] for row in rows if is_number(row[column])]


def _mean(numbers: Sequence[float]) -> float | None:
    return fmean(numbers) if numbers else None


def _deviation(numbers: Sequence[float]) -> float | None:
    return stdev(numbers) if len(numbers) > 1 else None


def check(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> None:
    """Refuse names of columns that flat rows do not have.

    Raises:
        BadInput: there is no such column.
    """
    known = list(rows[0]) if rows else []
    for column in columns:
        if rows and column not in known:
            raise BadInput("is no column", value=column, hint="columns: " + ", ".join(known))


def is_number(value: object) -> bool:
    """Return whether a cell is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    coordinates = row["coordinates"]
    values = {
        f"result.{name}" if name in coordinates else name: value
        for name, value in (row["result"] or {}).items()
    }
    rest = {name: row[name] for name in (*COST, "from_cache", "job_id", "error_message")}
    return {**coordinates, "status": row["status"], **values, **rest}


def _labelled(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows with coordinates for cells: text in place of mappings and lists.

    A mapping is told by its name; where others of its column have the same name, with its other keys.
    """
    rows = [dict(row) for row in found]
    for row in rows:
        if not row["coordinates"]:
            row["coordinates"] = {"name": row["name"], "kind": row["kind"]}
    of_name: dict[tuple[str, Any], set[str]] = {}
    for path, value in (pair for row in rows for pair in row["coordinates"].items()):
        of_name.setdefault((path, named(value)), set()).add(json.dumps(value))
    for row in rows:
        row["coordinates"] = {
            path: named(value, whole=len(of_name[path, named(value)]) > 1)
            for path, value in row["coordinates"].items()
        }
    return rows


def named(value: Any, *, whole: bool = False) -> Any:
    """Return a coordinate as a cell: a mapping by its name, with `whole` its other keys, too."""
    if isinstance(value, Mapping) and (name := value.get("name")):
        rest = ", ".join(f"{key}={named(one)}" for key, one in value.items() if key != "name")
        return f"{name} {rest}" if whole and rest else name
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else value
