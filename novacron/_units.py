"""Durations and sizes in human-readable form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DURATIONS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))
SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def duration(seconds: float) -> str:
    """Format a duration in the unit that gives it one to three digits: 12 ms, 1.2 s, 4.5 min, 2 h, 3 d."""
    if seconds < 1e-6:
        return "no time" if seconds <= 0 else "below 1 µs"
    # A value that rounds up to the next unit is written in that unit: 59.9996 s is 1 min.
    for size, unit in DURATIONS:
        if float(f"{seconds / size:.3g}") >= 1.0 or unit == "µs":
            return f"{seconds / size:.3g} {unit}" if seconds / size < 1e3 else f"{seconds / size:,.0f} {unit}"
    raise AssertionError("microseconds take every duration")


def size(n_bytes: float) -> str:
    """Format a number of bytes: 12 MB."""
    for unit_bytes, unit in SIZES:
        if float(f"{n_bytes / unit_bytes:.3g}") >= 1.0:
            return f"{n_bytes / unit_bytes:.3g} {unit}"
    return f"{n_bytes:.0f} bytes"


def takes(estimate: Mapping[str, Any]) -> str:
    """Format a job's run time from past runs of its shape: `1.2 s (0.9 s to 2 s, from 7 runs)`."""
    n, mean_s = estimate.get("learnt_from") or 0, estimate.get("takes_s")
    if not n or mean_s is None:
        modelled = estimate.get("modelled_s")
        guess = "" if modelled is None else f"; counting operations gives {duration(modelled)} of one core"
        return f"unknown: no job of this shape has run yet{guess}"
    least_s, most_s = estimate.get("takes_least_s"), estimate.get("takes_most_s")
    if n == 1 or least_s is None or most_s is None:
        return f"{duration(mean_s)} (from {n} run{'s' * (n > 1)}, its spread is unknown)"
    return f"{duration(mean_s)} ({duration(least_s)} to {duration(most_s)}, from {n} runs)"
