"""Expected use of devices, for tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from novacron import _units


def quoted(estimate: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the expected use of devices and its price, each with its range; nothing if there is none."""
    if estimate.get("n_circuits"):
        least, most = (_units.duration(estimate[name]) for name in ("qpu_least_s", "qpu_most_s"))
        yield "device", f"{estimate['n_circuits']:,} circuits, {estimate['n_shots']:,} shots"
        yield "device time", f"{_units.duration(estimate['qpu_s'])} ({least} to {most})"
    if estimate.get("usd"):
        least, most = (f"{estimate[name]:.2f}" for name in ("usd_least", "usd_most"))
        yield "costs", f"{estimate['usd']:.2f} USD ({least} to {most})"
    elif estimate.get("n_circuits") and estimate.get("usd") is None:
        yield "costs", "unknown: the operator has stated no price"
