"""Drawings of circuits in text, for terminals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from novacron.plots.circuit_columns import Mark, Wire, arrange, compiled_wires, folded, source_wires, widths

MOST_COLUMNS = 240
"""Columns that are drawn of a longer circuit."""


def drawings(job: Mapping[str, Any], width: int) -> Iterator[str]:
    """Yield the drawings of a compilation's circuit, before and after, with titles.

    Args:
        job: a completed compilation.
        width: of a line, in characters; longer circuits are folded.
    """
    source, result = job["spec"]["circuit"]["record"], job["result"]
    yield "before"
    yield draw(source, source_wires(source), width) + "\n"
    first = result["layout"]["initial"][0]
    yield f"after: @{first} q0 is the device's qubit {first}, on which qubit 0 begins"
    yield draw(result["circuit"], compiled_wires(result["circuit"], result["layout"]), width)


def draw(record: Mapping[str, Any], wires: Sequence[Wire], width: int) -> str:
    """Return a drawing: each qubit a line, time to the right, folded at `width` characters."""
    marks = arrange(record, wires)
    sizes = [size + 2 for size in widths(marks)]
    shown = sizes[:MOST_COLUMNS]
    begin, end = (max(map(len, ends), default=0) for ends in _ends(wires))
    lines: list[str] = []
    for columns in folded(shown, width - begin - end - 3):
        inside = [mark for mark in marks if mark.column in columns]
        lines += [*_fold(inside, columns, shown, wires, begin), ""]
    if more := len(sizes) - len(shown):
        lines.append(f"... and {more} further columns")
    return "\n".join(lines).rstrip("\n")


def _ends(wires: Sequence[Wire]) -> tuple[list[str], list[str]]:
    return [wire.begin for wire in wires], [wire.end for wire in wires]


def _fold(
    marks: Sequence[Mark], columns: range, sizes: Sequence[int], wires: Sequence[Wire], margin: int
) -> Iterator[str]:
    """Yield the lines of some columns: two for each wire but the last."""
    starts, at = {}, 0
    for column in columns:
        starts[column] = at
        at += sizes[column]
    rows = [["─"] * at for _ in wires]
    gaps = [[" "] * at for _ in wires]
    for mark in marks:
        centre = starts[mark.column] + sizes[mark.column] // 2
        first, last = mark.span
        if mark.joined:
            for row in range(first, last):
                gaps[row][centre] = "│"
                rows[row][centre] = "┼"
        for row, text in mark.symbols.items():
            begin = centre - len(text) // 2
            rows[row][begin : begin + len(text)] = text
    whole = columns.stop == len(sizes)
    for row, wire in enumerate(wires):
        yield f"{wire.begin:<{margin}} ─{''.join(rows[row])} {wire.end if whole else ''}".rstrip()
        if row < len(wires) - 1:
            yield (" " * (margin + 2) + "".join(gaps[row])).rstrip()
