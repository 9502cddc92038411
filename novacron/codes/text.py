"""Codes as text: numbers of data qubits and letters of stabilizers in their places, then the operators."""

from __future__ import annotations

from collections.abc import Iterator

from novacron.codes.css import Code

WIDEST = 160
"""Columns beyond which a picture is left out: terminals would fold its lines."""


def drawn(code: Code) -> Iterator[str]:
    """Yield the lines of a code: parameters, picture, stabilizers, logical operators."""
    yield f"{code.name} {code.parameters}"
    if code.d < code.distance:
        yield f"distance {code.distance} against bit flips"
    yield ""
    lines = _picture(code)
    if max(map(len, lines)) <= WIDEST:
        yield from lines
        if code.period:
            yield "left and right edge are joined, and upper and lower one"
        yield ""
    for kind, operators in (("stabilizers", code.stabilizers), ("logical operators", code.logicals)):
        yield f"{len(operators)} {kind}"
        yield from (f"  {one.pauli} {' '.join(map(str, sorted(one.qubits)))}" for one in operators)


def _picture(code: Code) -> list[str]:
    """Return the places of qubits and stabilizers, a face with both X and Z as the initial of its colour."""
    marks = {place: str(number) for number, place in enumerate(code.places)}
    marks |= {one.at: one.pauli if one.colour is None else one.colour[0] for one in code.stabilizers}
    columns, rows = (sorted({place[axis] for place in marks}) for axis in (0, 1))
    width = len(str(code.n - 1)) + 1
    lines = [[" " * width] * len(columns) for _ in rows]
    for (x, y), mark in marks.items():
        lines[rows.index(y)][columns.index(x)] = mark.rjust(width)
    return ["".join(line).rstrip() for line in lines]
