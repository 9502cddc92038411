"""Tables of sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from novacron import _units
from novacron.answers.session import Session
from novacron.cli.tables import table_of

if TYPE_CHECKING:
    from rich.table import Table


def sessions(found: Iterable[Session]) -> Table:
    """Return a table with one session per row; times are UTC."""
    table = table_of(
        "session", "name", "run", "status", "calls", "queue", "workers", "program", "cost", "opened (UTC)"
    )
    for one in found:
        times = (_units.duration(one[name]) for name in ("queue_s", "worker_s", "client_s"))
        cost = "?" if one["usd"] is None else f"${one['usd']:.2f}" if one["usd"] else ""
        opened = one["created_at"][5:16].replace("T", " ")
        table.add_row(
            one["session_id"], one["name"], str(one["run"]), one["status"], one.summary, *times, cost, opened
        )
    return table
