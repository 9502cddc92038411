"""What `status` shows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil

from scheduler.embedded import orphans, runtime


def collect(data: Path) -> dict[str, Any]:
    """The state of the stack of a data folder.

    Returns:
        `data` and `state` (down, starting, ready, restarting, stopping; abandoned: processes without
        their supervisor; unknown: what it published is damaged); where it has published them also
        `url`, `tls` (what a client gets, None without), `flower_url` and `processes`: name, pid, uptime_s,
        restarts, memory_bytes (with children).
    """
    alive = runtime.Lock(data).holder() is not None
    published = runtime.running(data) if alive else runtime.read(data)
    if published is None:
        return {"data": str(data), "state": _unpublished(data, alive)}
    restarts = published.get("restarts", {})
    processes = [_process(name, pid, restarts.get(name, 0)) for name, pid in published["pids"].items()]
    return {
        "data": str(data),
        "state": published["state"] if alive else "abandoned",
        "url": published["url"],
        "tls": _agreed(published) if alive else None,
        "flower_url": published.get("flower_url"),
        "processes": processes,
    }


def _unpublished(data: Path, alive: bool) -> str:
    if not alive:
        return "abandoned" if orphans.find(data) else "down"
    return "unknown" if (data / "runtime.json").exists() and runtime.read(data) is None else "starting"


def _agreed(published: dict[str, Any]) -> str | None:
    if not published.get("ca_file"):
        return None
    from scheduler.embedded.security import agreed  # pyOpenSSL takes a tenth of a second to import

    return agreed(published["url"], published["ca_file"])


def _process(name: str, pid: int, n_restarts: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "pid": pid, "restarts": n_restarts}
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            raise psutil.ZombieProcess(pid)
        family = [process] if name == "supervisor" else [process, *process.children(recursive=True)]
        memory = sum(_memory(member) for member in family)
        return row | {"uptime_s": round(time.time() - process.create_time(), 1), "memory_bytes": memory}
    except psutil.Error:
        return row | {"uptime_s": None, "memory_bytes": 0}


def _memory(process: psutil.Process) -> int:
    """Its own memory; pages shared with others (PostgreSQL's buffers) are left out."""
    try:
        found = process.memory_info()
    except psutil.Error:
        return 0
    return int(found.rss - getattr(found, "shared", 0))


def table(state: dict[str, Any]) -> str:
    """The same as text."""
    lines = [f"{state['state']}  {state.get('url', '')}".rstrip(), f"data    {state['data']}"]
    if state.get("tls"):
        lines.append(f"tls     {state['tls']}")
    if state.get("flower_url"):
        lines.append(f"flower  {state['flower_url']}")
    if rows := state.get("processes"):
        lines.append(f"{'process':<18}{'pid':>8}{'uptime':>10}{'restarts':>10}{'memory':>10}")
    for row in rows or []:
        uptime = "gone" if row["uptime_s"] is None else f"{row['uptime_s']:.0f} s"
        memory = f"{row['memory_bytes'] / 1e6:.0f} MB"
        lines.append(f"{row['name']:<18}{row['pid']:>8}{uptime:>10}{row['restarts']:>10}{memory:>10}")
    return "\n".join(lines)
