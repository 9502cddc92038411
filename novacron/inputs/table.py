"""CSV files with a target column, parsed to the `data` of a spec."""

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from novacron.errors import BadInput, nearest

Names = Sequence[str]

_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}(\.0*)?")
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_WRITTEN = re.compile(r"[-+]?[0-9][0-9.,' ]*%?")
"""A number as people write it."""


def read_table(
    text: str, file: str, target: str, columns: Names | None = None, drop: Names | None = None
) -> dict[str, Any]:
    """Return features, labels and feature names of a CSV text with a header line.

    Args:
        text: CSV with commas, quoted as in RFC 4180.
        file: name of the file, for messages.
        target: name of the column with the classes.
        columns: names of the features, in this order; None selects all but `target` and `drop`.
        drop: names of columns to exclude; they need not be numeric.

    Raises:
        BadInput: no header, no such column, a ragged row, a missing value or a non-numeric feature.
    """
    rest: list[str] = []
    chosen: list[str] = []

    def features_of(header: list[str]) -> list[str]:
        rest[:] = [name for name in header if name != _known(target, header, file)]
        if not rest:
            raise BadInput("has no column beside the target", file=file, line=1, value=target)
        for field, given in (("columns", columns), ("drop", drop)):
            if isinstance(given, list | tuple) and target in given:
                raise BadInput("is the target, no feature", field=f"data.{field}", value=target)
        chosen[:] = choose(rest, columns, drop, file)
        return chosen

    rows = _read_rows(text, file, features_of, target)
    return {
        "features": rows.features,
        "labels": _labels(rows.labels, rows.lines, target, file),
        "feature_names": chosen,
        "target": target,
        "left_out": [name for name in rest if name not in chosen],
    }


def read_features(
    text: str, file: str, names: Names | None, n_columns: int, ignored: Names
) -> list[list[float]]:
    """Return the rows of a CSV text for a model that was trained with certain columns.

    Args:
        text: as for `read_table`.
        file: name of the file, for messages.
        names: the model's columns; None if they are unnamed.
        n_columns: number of the model's columns.
        ignored: names of columns that may be present and are ignored.

    Raises:
        BadInput: a column is missing, unknown or not numeric.
    """
    chosen = _read_rows(text, file, lambda header: matched(header, names, n_columns, ignored, file), None)
    if not chosen.features:
        raise BadInput("has no rows", file=file)
    return chosen.features


def matched(
    header: Names, names: Names | None, n_columns: int, ignored: Names, file: str | None
) -> list[str]:
    """Return the columns that a model needs, in its order, by name; by position if they are unnamed.

    Raises:
        BadInput: one is missing, another is unknown, or their number differs.
    """
    line = 1 if file else None
    given = [name for name in header if name not in ignored or (names is not None and name in names)]
    if names is None:
        if len(given) != n_columns:
            rule = f"has {len(given)} columns, the model was trained with {n_columns}"
            raise BadInput(rule, file=file, line=line)
        return given
    missing = [name for name in names if name not in given]
    unknown = [name for name in given if name not in names]
    if missing:
        near = nearest(missing[0], unknown)
        hint = f"is it {near!r}?" if near else "the model was trained with " + ", ".join(names[:20])
        rule = "the model needs a column that is not there"
        raise BadInput(rule, file=file, line=line, value=missing[0], hint=hint)
    if unknown:
        hint = "the model was trained with " + ", ".join(names[:20])
        raise BadInput("the model has no such column", file=file, line=line, value=unknown[0], hint=hint)
    return list(names)


def _read_rows(
    text: str, file: str, features_of: Callable[[list[str]], list[str]], target: str | None
) -> "_Rows":
    """Read all rows below the header; `features_of` selects the feature columns."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, file)
        rows = _Rows(file, header, features_of(header), target)
        for row in reader:
            rows.add(row, reader.line_num)
    except csv.Error as error:
        raise BadInput(f"malformed CSV: {error}", file=file, line=reader.line_num) from None
    rows.refuse_text()
    return rows


def choose(names: Names, columns: Names | None, drop: Names | None, file: str | None = None) -> list[str]:
    """Select the features among the columns' names: `columns` in its order, or all except `drop`.

    Raises:
        BadInput: a name is unknown or duplicated, both are given, or no column remains.
    """
    if columns is not None and drop is not None:
        raise BadInput("give columns or drop, not both", field="data.drop")
    for field, given in (("columns", columns), ("drop", drop)):
        if given is None:
            continue
        if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
            rule = "must be a list of the names of columns"
            raise BadInput(rule, field=f"data.{field}", value=given, hint="put numbers in quotes")
        for position, name in enumerate(given):
            if name in given[:position]:
                raise BadInput("is given twice", field=f"data.{field}[{position}]", value=name)
            _known(name, names, file)
    chosen = list(columns) if columns is not None else [name for name in names if name not in (drop or ())]
    if not chosen:
        raise BadInput("no column is left beside the target", file=file)
    return chosen


def choose_columns(data: Mapping[str, Any], columns: Names | None, drop: Names | None) -> dict[str, Any]:
    """Return samples with the selected columns only; they need `feature_names`.

    Raises:
        BadInput: the columns are unnamed, or as `choose`.
    """
    names, features = data.get("feature_names"), data.get("features")
    if not isinstance(names, list) or not isinstance(features, list):
        raise BadInput("columns are chosen by feature_names", field="data", hint="give the columns names")
    chosen = choose(names, columns, drop)
    positions = [names.index(name) for name in chosen]
    return {
        **data,
        "features": [
            [row[at] for at in positions] if isinstance(row, list) and len(row) == len(names) else row
            for row in features
        ],
        "feature_names": chosen,
        "left_out": [name for name in names if name not in chosen],
    }


def _known(name: str, names: Names, file: str | None) -> str:
    if name in names:
        return name
    near = nearest(name, names)
    hint = f"did you mean {near!r}?" if near else "the columns are " + ", ".join(names[:20])
    other = next((called for sign, called in _SEPARATORS.items() if sign in names[0]), None)
    if len(names) == 1 and other is not None:
        hint = f"separate columns by commas, not {other}"
    raise BadInput("there is no such column", file=file, line=1 if file else None, value=name, hint=hint)


def _check_header(header: Names, file: str) -> None:
    if not any(header):
        raise BadInput("must begin with a line of column names", file=file, line=1)
    numbers = [name for name in header if _number(name) is not None]
    if numbers:
        raise BadInput("the first line must name the columns", file=file, line=1, value=numbers[0])
    _check_names(header, file)


def _check_names(header: Sequence[str], file: str) -> None:
    for position, name in enumerate(header):
        if not name:
            hint = "pandas writes the index of the rows so; index=False leaves it out"
            raise BadInput(f"column {position + 1} has no name", file=file, line=1, hint=hint)
        if name in header[:position]:
            raise BadInput("the column name is given twice", file=file, line=1, value=name)


class _Rows:
    """The rows read so far, split into features and labels."""

    def __init__(self, file: str, header: Names, chosen: Names, target: str | None) -> None:
        self.features: list[list[float]] = []
        self.labels: list[str] = []
        self.lines: list[int] = []
        self._file = file
        self._header = header
        self._positions = [(name, header.index(name)) for name in chosen]
        self._target = target
        self._text: dict[str, tuple[int, int, str]] = {}
        self._numbers: set[str] = set()

    def add(self, row: Sequence[str], line: int) -> None:
        """Add a row; skip a blank line."""
        if not row:
            return
        number = len(self.lines) + 1
        if len(row) != len(self._header):
            rule = f"row {number} has {len(row)} values for {len(self._header)} columns"
            raise BadInput(rule, file=self._file, line=line)
        if self._target is not None:
            label = row[self._header.index(self._target)].strip()
            self._check_given(self._target, label, number, line)
            self.labels.append(label)
        self.features.append([self._feature(name, row[at], number, line) for name, at in self._positions])
        self.lines.append(line)

    def refuse_text(self) -> None:
        """Refuse all non-numeric columns at once.

        Raises:
            BadInput: there are such columns.
        """
        found = [self._not_a_number(name, *self._text[name]) for name in self._text]
        if found:
            first, *others = found
            first.others = tuple(others)
            raise first

    def _feature(self, name: str, value: str, number: int, line: int) -> float:
        self._check_given(name, value, number, line)
        found = _number(value)
        if found is not None and math.isfinite(found):
            self._numbers.add(name)
            return found
        self._text.setdefault(name, (number, line, value))
        return 0.0

    def _check_given(self, name: str, value: str, number: int, line: int) -> None:
        if value.strip().lower() in _MISSING:
            rule = f"row {number}, column {name!r}: is missing"
            hint = "fill it in or leave the row out"
            raise BadInput(rule, file=self._file, line=line, value=value, hint=hint)

    def _not_a_number(self, name: str, number: int, line: int, value: str) -> BadInput:
        what = "the column holds text: encode its categories as numbers"
        if _WRITTEN.fullmatch(value.strip()):
            what = "write it as 1234.5, with a decimal point and without separators or units"
        elif name in self._numbers:
            what = "correct it"
        hint = f"{what}, or leave the column out by `drop: [{name}]`"
        rule = f"row {number}, column {name!r}: must be a finite number"
        return BadInput(rule, file=self._file, line=line, value=value, hint=hint)


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _labels(labels: Sequence[str], lines: Sequence[int], target: str, file: str) -> list[int] | list[str]:
    """Return whole numbers if all labels are, else text."""
    if all(_INTEGER.fullmatch(label) for label in labels):
        return [int(float(label)) for label in labels]
    numbers = [_number(label) for label in labels]
    if None in numbers:
        return list(labels)
    row = next(row for row, label in enumerate(labels) if not _INTEGER.fullmatch(label))
    rule = f"row {row + 1}, column {target!r}: classes must be whole numbers or text"
    raise BadInput(rule, file=file, line=lines[row], value=labels[row])
