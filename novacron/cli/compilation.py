"""The report of a compilation: figures before and after, strategies, passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from novacron import _units
from novacron.cli.tables import number, table_of

COMPARED = {
    "two_qubit_count": "two-qubit gates", "two_qubit_depth": "two-qubit depth", "depth": "depth",
    "gate_count": "gates", "duration_s": "duration", "success_probability": "success probability",
}  # fmt: skip


def report(job: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield the tables of a completed compilation."""
    result = job["result"]
    told = result["metadata"]
    yield _compared(told)
    yield _strategies(told)
    yield _passes(told)
    layout = result["layout"]
    places = ", ".join(
        f"{qubit}: {begin}" + (f" to {end}" if begin != end else "")
        for qubit, (begin, end) in enumerate(zip(layout["initial"], layout["final"], strict=True))
    )
    yield f"layout    {places}"
    yield f"verified  {result['verified']}" + ("; equal for the input |0...0>" if told["from_zero"] else "")
    for message in result.get("warnings") or ():
        yield f"warning   {message}"


def _compared(told: Mapping[str, Any]) -> Table:
    table = table_of("", "before", "after")
    for key, name in COMPARED.items():
        before, after = told["before"].get(key), told["after"].get(key)
        table.add_row(name, *(_value(key, value) for value in (before, after)))
    names = sorted({*told["before"]["counts"], *told["after"]["counts"]})
    for name in names:
        table.add_row(f"  {name}", *(number(told[when]["counts"].get(name)) for when in ("before", "after")))
    return table


def _value(key: str, value: Any) -> str:
    return _units.duration(value) if key == "duration_s" and value is not None else number(value, 4)


def _strategies(told: Mapping[str, Any]) -> Table:
    table = table_of("strategy", "two-qubit gates", "success probability", "")
    for one in told["strategies"]:
        chosen = "chosen" if one["name"] == told["strategy"] else ""
        table.add_row(
            one["name"], number(one["two_qubit_count"]), number(one["success_probability"], 4), chosen
        )
    return table


def _passes(told: Mapping[str, Any]) -> Table:
    table = table_of("pass", "two-qubit gates removed", "time")
    for one in told["passes"]:
        table.add_row(one["name"], number(one["gain"]), _units.duration(one["cpu_s"]))
    return table
