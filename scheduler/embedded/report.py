"""Events that a supervisor reports while a stack starts, runs and ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypedDict


class Report(TypedDict, total=False):
    """One event; a line of JSON to a process that waits for the start.

    Attributes:
        phase: service that became ready, `s` seconds after the start.
        ready: address of the stack, ready after `s` seconds.
        flower: address and login of Flower, if it runs.
        s: seconds since the start.
        ended: service that ended unexpectedly, with `status`.
        status: exit status of its process.
        trouble: what could not be written or stopped, or delays the start.
        running: whether another supervisor holds the folder.
        error: why the stack was not started, with the end of the `log`.
        log: log of the failed service.
    """

    phase: str
    ready: str
    flower: str
    s: float
    ended: str
    status: int
    trouble: str
    running: bool
    error: str
    log: str


Told: TypeAlias = Callable[[Report], None]


def words(report: Report) -> str:
    """Return a report as text for people."""
    if "ready" in report:
        flower = f"\nflower: {report['flower']}" if "flower" in report else ""
        return f"ready after {report['s']:.2f} s: {report['ready']}{flower}"
    if "error" in report:
        return "\n".join(part for part in (f"error: {report['error']}", report["log"]) if part)
    if "running" in report:
        return "already running"
    if "ended" in report:
        return f"{report['ended']} ended with status {report['status']}, restarting it"
    if "trouble" in report:
        return report["trouble"]
    return f"  {report.get('phase', '')}  {report.get('s', 0.0):.2f} s"
