"""CSV files with a target column, read to the `data` of a spec."""

import csv
import io
import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from novacron.errors import BadInput, nearest

_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}(\.0*)?")


def read_table(text: str, file: str, target: str) -> dict[str, Any]:
    """Features, labels and feature names of a CSV text with a header line.

    Args:
        text: commas between columns, quotes as in RFC 4180.
        file: its name, for messages.
        target: name of the column that holds the classes; all others are features.

    Raises:
        BadInput: no header, no such column, a ragged row, a missing value or a feature that is no number.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        position = _target(header, target, file)
        rows = _Rows(file, header, position)
        for row in reader:
            rows.add(row, reader.line_num)
    except csv.Error as error:
        raise BadInput(f"malformed CSV: {error}", file=file, line=reader.line_num) from None
    return {
        "features": rows.features,
        "labels": _labels(rows.labels, rows.lines, target, file),
        "feature_names": header[:position] + header[position + 1 :],
    }


def _target(header: Sequence[str], target: str, file: str) -> int:
    if not any(header):
        raise BadInput("must begin with a line of column names", file=file, line=1)
    numbers = [name for name in header if _number(name) is not None]
    if numbers:
        raise BadInput("the first line must name the columns", file=file, line=1, value=numbers[0])
    _check_names(header, file)
    if target not in header:
        near = nearest(target, header)
        hint = f"did you mean {near!r}?" if near else "the columns are " + ", ".join(header[:20])
        if len(header) == 1 and ";" in header[0]:
            hint = "separate columns by commas, not semicolons"
        raise BadInput("there is no such column", file=file, line=1, value=target, hint=hint)
    if len(header) == 1:
        raise BadInput("has no column beside the target", file=file, line=1, value=target)
    return header.index(target)


def _check_names(header: Sequence[str], file: str) -> None:
    for position, name in enumerate(header):
        if not name:
            raise BadInput(f"column {position + 1} has no name", file=file, line=1)
        if name in header[:position]:
            raise BadInput("the column name is given twice", file=file, line=1, value=name)


class _Rows:
    """The rows read so far, taken apart."""

    def __init__(self, file: str, header: Sequence[str], target: int) -> None:
        self.features: list[list[float]] = []
        self.labels: list[str] = []
        self.lines: list[int] = []
        self._file = file
        self._header = header
        self._target = target

    def add(self, row: Sequence[str], line: int) -> None:
        """Take a row; a blank line is none."""
        if not row:
            return
        number = len(self.labels) + 1
        if len(row) != len(self._header):
            rule = f"row {number} has {len(row)} values for {len(self._header)} columns"
            raise BadInput(rule, file=self._file, line=line)
        features = []
        for name, value in zip(self._header, row, strict=True):
            if value.strip().lower() in _MISSING:
                self._refuse(number, name, line, value, "is missing", "fill it in or leave the row out")
            features.append(
                0.0 if name == self._header[self._target] else self._feature(number, name, line, value)
            )
        del features[self._target]
        self.features.append(features)
        self.labels.append(row[self._target].strip())
        self.lines.append(line)

    def _feature(self, number: int, name: str, line: int, value: str) -> float:
        found = _number(value)
        if found is None or not math.isfinite(found):
            self._refuse(number, name, line, value, "must be a finite number", "encode categories as numbers")
        return found

    def _refuse(self, number: int, name: str, line: int, value: str, rule: str, hint: str) -> NoReturn:
        raise BadInput(
            f"row {number}, column {name!r}: {rule}", file=self._file, line=line, value=value, hint=hint
        )


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _labels(labels: Sequence[str], lines: Sequence[int], target: str, file: str) -> list[int] | list[str]:
    """Whole numbers where all are, text where any is not a number."""
    if all(_INTEGER.fullmatch(label) for label in labels):
        return [int(float(label)) for label in labels]
    numbers = [_number(label) for label in labels]
    if None in numbers:
        return list(labels)
    row = next(row for row, label in enumerate(labels) if not _INTEGER.fullmatch(label))
    rule = f"row {row + 1}, column {target!r}: classes must be whole numbers or text"
    raise BadInput(rule, file=file, line=lines[row], value=labels[row])
