"""Tables of devices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from novacron.cli.tables import table_of

if TYPE_CHECKING:
    from rich.table import Table


def devices(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table with one device per row; times and errors are medians."""
    columns = (
        "qubits",
        "basis gates",
        "T1 us",
        "T2 us",
        "2q error",
        "readout error",
        "measured",
        "waiting",
        "state",
    )
    table = table_of("device", *columns)
    for one in found:
        told = one["calibration"]
        times = (f"{1e6 * told[key]:.0f}" if told.get(key) else "" for key in ("t1_s", "t2_s"))
        errors = (f"{value:.2g}" if value else "" for value in (one.get("error_rate"), told["readout_error"]))
        basis = " ".join(one.get("basis_gates") or ())
        state = (
            one["status"]
            if not one.get("stale")
            else f"{one['status']}, not seen since {one['seen_at'][:16]}"
        )
        waiting = "" if one.get("queue_length") is None else str(one["queue_length"])
        figures = (*times, *errors, told["date"][:10], waiting, state)
        table.add_row(one["name"], str(one["qubit_count"]), basis, *figures)
    return table


def ranked(found: Iterable[Mapping[str, Any]]) -> Table:
    """Return a table of devices for a circuit, in the order given."""
    table = table_of("device", "qubits", "success", "2q gates", "duration us", "queue", "USD")
    for one in found:
        table.add_row(
            one["name"], str(one["qubit_count"]), f"{one['success_probability']:.4f}",
            str(one["two_qubit_count"]), f"{1e6 * one['duration_s']:.1f}",
            str(one["queue_length"]), f"{one['usd']:.2f}",
        )  # fmt: skip
    return table
