"""Flat rows as data frames of pandas or Polars and as Parquet files, each column of one type."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module, util
from io import BytesIO
from typing import Any

from novacron.errors import BadInput

FRAMES = ("pandas", "polars")
"""Libraries for data frames, in order of preference."""
PLAIN, NULLABLE = 0, 1
DTYPES = {
    "bool": ("bool", "boolean"), "int": ("int64", "Int64"), "float": ("float64", "float64"),
    "text": ("string", "string"),
}  # fmt: skip
"""Types of pandas: of columns without and with missing values."""
POLARS = {"bool": "Boolean", "int": "Int64", "float": "Float64", "text": "String"}
ARROW = {"bool": "bool_", "int": "int64", "float": "float64", "text": "string"}
NUMBERS = frozenset({"wall_time_s", "cpu_s"})
"""Columns of numbers, whatever rows there are."""

Columns = dict[str, tuple[str, list[Any]]]
"""Name -> type (bool, int, float or text) and values; None where a row has none."""


def columns(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Return the columns of flat rows; whole numbers among others become floats, mixed columns text."""
    found = {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}
    return {name: _typed(name, values) for name, values in found.items()}


def _typed(name: str, values: list[Any]) -> tuple[str, list[Any]]:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return ("float" if name in NUMBERS else "text"), values
    if kinds == {bool}:
        return "bool", values
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return "int", values
    if kinds <= {int, float}:
        return "float", [None if value is None else float(value) for value in values]
    return "text", [
        value if value is None or isinstance(value, str) else json.dumps(value) for value in values
    ]


def frame(rows: list[dict[str, Any]]) -> Any:
    """Return flat rows as a data frame of pandas or Polars where installed, else as they are."""
    name = next((name for name in FRAMES if util.find_spec(name)), None)
    if name is None:
        return rows
    library, found = import_module(name), columns(rows)
    if name == "polars":
        schema = {column: getattr(library, POLARS[kind]) for column, (kind, _) in found.items()}
        return library.DataFrame({column: values for column, (_, values) in found.items()}, schema=schema)
    return library.DataFrame({
        column: library.Series(values, dtype=DTYPES[kind][NULLABLE if None in values else PLAIN])
        for column, (kind, values) in found.items()
    })  # fmt: skip


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return flat rows as a Parquet file.

    Raises:
        BadInput: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow.parquet import write_table
    except ImportError:
        raise BadInput("Parquet needs pyarrow", hint="pip install 'novacron[table]'") from None
    found = {
        column: pyarrow.array(values, getattr(pyarrow, ARROW[kind])())
        for column, (kind, values) in columns(rows).items()
    }
    written = BytesIO()
    write_table(pyarrow.table(found), written)
    return written.getvalue()
