"""Matrix Market files: real matrices.

Source: Boisvert, Pozo, Remington, "The Matrix Market Exchange Formats", NISTIR 5935 (1996).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from novacron.errors import BadInput

BANNER = "%%MatrixMarket"


@dataclass
class Matrix:
    """The stored entries of a square real matrix.

    Attributes:
        size: number of rows and columns.
        symmetric: whether only one triangle is stored.
        pattern: whether entries have no values; they are 1.
        entries: (row, column, value, line); rows and columns from 0.
    """

    size: int
    symmetric: bool
    pattern: bool
    entries: list[tuple[int, int, float, int]] = field(default_factory=list)


def read_matrix(text: str, file: str) -> Matrix:
    """Read a matrix in the coordinate or the array format.

    Raises:
        BadInput: it is complex, Hermitian or skew-symmetric, not square, has a duplicate or out-of-range
            entry, or another number of entries than it announces.
    """
    lines = _lines(text)
    number, banner = next(lines, (1, []))
    words = [word.lower() for word in banner]
    if len(words) != 5 or words[0] != BANNER.lower() or words[1] != "matrix":
        rule = f"must begin with `{BANNER} matrix FORMAT FIELD SYMMETRY`"
        raise BadInput(rule, file=file, line=number)
    form, kind, symmetry = words[2:]
    for word, known in (
        (form, "coordinate array"),
        (kind, "real integer pattern"),
        (symmetry, "general symmetric"),
    ):
        if word not in known.split():
            rule = "must be " + " or ".join(known.split())
            raise BadInput(rule, file=file, line=number, value=word)
    number, sizes = next(lines, (number, []))
    counts = [_integer(word, file, number) for word in sizes]
    if len(counts) != (3 if form == "coordinate" else 2) or counts[0] != counts[1]:
        raise BadInput("must be the size of a square matrix", file=file, line=number, value=" ".join(sizes))
    matrix = Matrix(counts[0], symmetry == "symmetric", kind == "pattern")
    read = _coordinates if form == "coordinate" else _array
    announced = counts[2] if form == "coordinate" else _stored(matrix)
    found = read(matrix, lines, file)
    if found != announced:
        rule = f"announces {announced} entries and {found} follow; the file may be cut short"
        raise BadInput(rule, file=file, line=number)
    return matrix


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and (number == 1 or not line.startswith("%")):
            yield number, line.split()


def _stored(matrix: Matrix) -> int:
    return matrix.size * (matrix.size + 1) // 2 if matrix.symmetric else matrix.size**2


def _coordinates(matrix: Matrix, lines: Iterator[tuple[int, list[str]]], file: str) -> int:
    seen: dict[tuple[int, int], int] = {}
    for number, words in lines:
        if len(words) != (2 if matrix.pattern else 3):
            raise BadInput(
                "must be a row, a column and a value", file=file, line=number, value=" ".join(words)
            )
        row, column = (_integer(word, file, number) - 1 for word in words[:2])
        if not (0 <= row < matrix.size and 0 <= column < matrix.size):
            raise BadInput(f"indices run from 1 to {matrix.size}", file=file, line=number, value=words[:2])
        if matrix.symmetric and row < column:
            rule = "a symmetric matrix is stored on and below its diagonal"
            raise BadInput(rule, file=file, line=number, value=words[:2])
        first = seen.setdefault((row, column), number)
        if first != number:
            raise BadInput(f"the entry is given twice, first in line {first}", file=file, line=number)
        value = 1.0 if matrix.pattern else _real(words[2], file, number)
        matrix.entries.append((row, column, value, number))
    return len(matrix.entries)


def _array(matrix: Matrix, lines: Iterator[tuple[int, list[str]]], file: str) -> int:
    """Read values by column, one per line; zeros are dropped."""
    size, found = matrix.size, 0
    row = column = 0
    for number, words in lines:
        for word in words:
            found += 1
            value = _real(word, file, number)
            if value and column < size:
                matrix.entries.append((row, column, value, number))
            row += 1
            if row == size:
                column += 1
                row = column if matrix.symmetric else 0
    return found


def _integer(word: str, file: str, line: int) -> int:
    if not word.isdecimal() or len(word) > 9:
        raise BadInput("must be a number without sign", file=file, line=line, value=word)
    return int(word)


def _real(word: str, file: str, line: int) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadInput("must be a finite number", file=file, line=line, value=word)
    return value
