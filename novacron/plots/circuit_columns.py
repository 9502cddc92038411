"""The arrangement of a circuit record for drawings: symbols on wires, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import pi
from typing import Any

from novacron.plots.style import label

CONTROL, CROSS, TARGET = "●", "×", "X"
DENOMINATORS = (1, 2, 3, 4, 6, 8, 16, 32)
"""Angles that are multiples of pi over one of these are written so."""
SAME_ANGLE = 1e-9
LONGEST_NAME, LONGEST_ANGLE, LONGEST_CONDITION = 8, 14, 24
WRITTEN = {"id": "I", "sdg": "S†", "tdg": "T†", "sx": "√X", "sxdg": "√X†"}
CONTROLLED = {
    "cx": (CONTROL, TARGET), "cy": (CONTROL, "Y"), "cz": (CONTROL, CONTROL), "ch": (CONTROL, "H"),
    "cs": (CONTROL, "S"), "csdg": (CONTROL, "S†"), "csx": (CONTROL, "√X"), "cp": (CONTROL, "P"),
    "crx": (CONTROL, "RX"), "cry": (CONTROL, "RY"), "crz": (CONTROL, "RZ"), "cu": (CONTROL, "U"),
    "swap": (CROSS, CROSS), "ccx": (CONTROL, CONTROL, TARGET), "ccz": (CONTROL, CONTROL, CONTROL),
    "cswap": (CONTROL, CROSS, CROSS),
}  # fmt: skip
SYMMETRIC = frozenset({"rxx", "ryy", "rzz", "iswap"})
"""Gates whose qubits need no number."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A qubit as it is drawn.

    Attributes:
        qubit: its number in the record.
        begin: written before it.
        end: written after it.
    """

    qubit: int
    begin: str
    end: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """An instruction as it is drawn.

    Attributes:
        column: its column, from 0.
        symbols: text by row of the drawing.
        joined: whether a line joins them.
    """

    column: int
    symbols: Mapping[int, str]
    joined: bool

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last row."""
        return min(self.symbols), max(self.symbols)


def source_wires(record: Mapping[str, Any]) -> list[Wire]:
    """Return the wires of a circuit before its compilation, `q0` and so on."""
    return [Wire(qubit, f"q{qubit}") for qubit in range(record["n_qubits"])]


def compiled_wires(record: Mapping[str, Any], layout: Mapping[str, Sequence[int]]) -> list[Wire]:
    """Return the wires of a compiled circuit: the device's qubits in use, in the order of their numbers.

    `@14 q0` is device qubit 14, on which the source's qubit 0 begins; the end names the qubit that is there
    after the last instruction, where any qubit has moved.
    """
    begin, end = (
        {site: f"q{qubit}" for qubit, site in enumerate(layout[when])} for when in ("initial", "final")
    )
    sites = {qubit for item in record["instructions"] for qubit in _qubits(item)} | begin.keys() | end.keys()
    if begin == end:
        end = {}
    width = len(f"@{max(sites, default=0)}")
    return [
        Wire(site, f"{f'@{site}':<{width}} {begin.get(site, '')}", end.get(site, ""))
        for site in sorted(sites)
    ]


def arrange(record: Mapping[str, Any], wires: Sequence[Wire]) -> list[Mark]:
    """Return the instructions, each in the first column that is free on all rows which it covers."""
    rows = {wire.qubit: row for row, wire in enumerate(wires)}
    bits = [
        label(name, LONGEST_NAME) + (str(k) if size > 1 else "")
        for name, size in record["registers"]
        for k in range(size)
    ]
    bits += [f"bit{k}" for k in range(record.get("memory", 0))]
    free = [0] * len(wires)
    marks = []
    for item in record["instructions"]:
        symbols = {rows[qubit]: text for qubit, text in _symbols(item, bits)}
        if symbols:
            covered = range(min(symbols), max(symbols) + 1)
            column = max(free[row] for row in covered)
            marks.append(Mark(column, symbols, "barrier" not in item))
            free[covered.start : covered.stop] = [column + 1] * len(covered)
    return marks


def widths(marks: Iterable[Mark]) -> list[int]:
    """Return the length of the longest symbol of each column."""
    found: dict[int, int] = {}
    for mark in marks:
        found[mark.column] = max(found.get(mark.column, 0), *map(len, mark.symbols.values()))
    return [found[column] for column in range(len(found))]


def folded(sizes: Sequence[float], room: float) -> list[range]:
    """Return the columns of each line of a drawing; a column wider than the room has a line of its own."""
    lines, first, taken = [], 0, 0.0
    for column, size in enumerate(sizes):
        if taken + size > room and column > first:
            lines.append(range(first, column))
            first, taken = column, 0.0
        taken += size
    return [*lines, range(first, len(sizes))]


def _qubits(item: Mapping[str, Any]) -> list[int]:
    """Return the qubits of an instruction, each once."""
    if "if" in item:
        inner = (qubit for one in (*item["then"], *item["else"]) for qubit in _qubits(one))
        return list(dict.fromkeys(inner))
    for key in ("measure", "reset"):
        if key in item:
            return [item[key]]
    return list(item.get("barrier", item.get("qubits", ())))


def _symbols(item: Mapping[str, Any], bits: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield a text for each qubit of an instruction."""
    qubits = _qubits(item)
    if "gate" in item:
        yield from zip(qubits, _gate(item), strict=True)
    elif "measure" in item:
        yield qubits[0], "M" if item.get("bit") is None else f"M {bits[item['bit']]}"
    elif "reset" in item:
        yield qubits[0], "|0>"
    elif "barrier" in item:
        yield from ((qubit, "░") for qubit in qubits)
    elif "if" in item:
        text = _condition(item, bits)
        yield from ((qubit, text if qubit == min(qubits) else "if") for qubit in qubits)


def _gate(item: Mapping[str, Any]) -> list[str]:
    name, n = item["gate"], len(item["qubits"])
    angles = ",".join(map(_angle, item.get("params", ())))
    if name in CONTROLLED:
        texts = list(CONTROLLED[name])
    else:
        text = WRITTEN.get(name, name.upper())
        texts = [text if n == 1 or name in SYMMETRIC else f"{text}:{place}" for place in range(n)]
    if angles and n:
        texts[-1] += f" {angles}"
    return texts


def _condition(item: Mapping[str, Any], bits: Sequence[str]) -> str:
    tested, value = item["if"]["bits"], item["if"]["value"]
    wanted = ",".join(f"{bits[bit]}={value >> place & 1}" for place, bit in enumerate(tested))
    inner = [one.get("gate") or next(iter(one)) for key in ("then", "else") for one in item[key]]
    return label(f"if {wanted}: {' '.join(inner)}", LONGEST_CONDITION)


def _angle(angle: float | Mapping[str, Any]) -> str:
    if isinstance(angle, Mapping):
        parts = [name if factor == 1 else f"{factor:.3g}{name}" for name, factor in angle["terms"].items()]
        parts += [_number(angle["offset"])] if angle["offset"] else []
        return label("+".join(parts).replace("+-", "-"), LONGEST_ANGLE)
    return _number(angle)


def _number(value: float) -> str:
    for denominator in DENOMINATORS:
        numerator = round(value * denominator / pi)
        close = abs(value - numerator * pi / denominator) < SAME_ANGLE
        if close and 0 < abs(numerator) <= 2 * denominator:
            times = {1: "π", -1: "-π"}.get(numerator, f"{numerator}π")
            return times if denominator == 1 else f"{times}/{denominator}"
    return f"{value:.3g}"
